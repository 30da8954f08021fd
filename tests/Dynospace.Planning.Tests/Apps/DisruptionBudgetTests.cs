using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Children;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Apps;

/// <summary>What a drain of nodes may take of an app at a time.</summary>
public sealed class DisruptionBudgetTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(100, 99)]
    public void All_dynos_but_one_stay_and_a_lone_one_stays_until_its_successor_runs(int quantity, int minimum)
    {
        var budget = Assert.Single(Budgets(Plan(Given(("web", quantity)))));

        Assert.Equal("shop--web", budget.Metadata.Name);
        Assert.Equal(minimum.ToString(CultureInfo.InvariantCulture), budget.Spec.MinAvailable.Value);
        Assert.Null(budget.Spec.MaxUnavailable);
        Assert.Equal("AlwaysAllow", budget.Spec.UnhealthyPodEvictionPolicy);
        Assert.Equal(
            new Dictionary<string, string> { [Labels.App] = "shop", [Labels.ProcessType] = "web" },
            budget.Spec.Selector.MatchLabels);
    }

    [Fact]
    public void Each_process_type_that_has_a_dyno_has_one()
    {
        var observed = Given(("web", 2), ("worker", 0), ("clock", 1)) with
        {
            Budgets = [Ours("shop--web"), Ours("shop--worker"), Ours("shop--gone")],
        };

        var plan = Plan(observed);

        Assert.Equal(["shop--web", "shop--clock"], Budgets(plan).Select(budget => budget.Metadata.Name));
        Assert.Equal(
            ["shop--worker", "shop--gone"],
            plan.Children.Deleted<V1PodDisruptionBudget>().Select(budget => budget.Name));
    }

    /// <summary>
    /// A drain that comes between the two is not held up by a number that cannot be reached any more.
    /// </summary>
    [Fact]
    public void A_budget_is_lowered_before_the_dynos_go()
    {
        var app = Sample.App("shop", ("worker", 1));
        var observed = Released(app) with
        {
            Dynos = [Sample.UpDyno(app, "worker", 1), Sample.UpDyno(app, "worker", 2), Sample.UpDyno(app, "worker", 3)],
        };

        var plan = Plan(observed);

        Assert.Equal("1", Assert.Single(Budgets(plan)).Spec.MinAvailable.Value);
        Assert.Equal(2, plan.Children.Deleted<Api.Dynos.Dyno>().Count);
        Assert.All(plan.Children.Deletions, deletion => Assert.NotEqual(DeletionTiming.First, deletion.Timing));
    }

    [Fact]
    public void Before_the_first_release_is_out_there_is_none()
    {
        var app = Sample.App("shop", ("web", 2));
        app.Spec.Release = new() { Command = ["bin/migrate"] };

        Assert.Empty(Budgets(Plan(Sample.Observed(app))));
    }

    /// <summary>The API server evicts no pod that two budgets select.</summary>
    [Theory]
    [InlineData(Labels.App, "shop", false)]
    [InlineData(Labels.Dyno, "shop.web.2", false)]
    [InlineData(Labels.Space, "acme", false)]
    [InlineData(Labels.App, "other", true)]
    [InlineData(Labels.ProcessType, "worker", true)]
    public void Where_another_budget_is_for_the_same_pods_it_takes_the_place(string label, string value, bool isMade)
    {
        var observed = Given(("web", 2)) with
        {
            Budgets =
            [
                Ours("shop--web"),
                new("mine", "uid-mine", null)
                {
                    Selector = new() { MatchLabels = new Dictionary<string, string> { [label] = value } },
                },
            ],
        };

        var plan = Plan(observed);

        Assert.Equal(isMade ? 1 : 0, Budgets(plan).Count);
        Assert.Equal(isMade ? 0 : 1, plan.Children.Deleted<V1PodDisruptionBudget>().Count);
    }

    /// <summary>Nothing but the budget is missing, so the app is well.</summary>
    [Fact]
    public void A_name_that_another_budget_has_is_a_warning_and_no_more()
    {
        var observed = Given(("web", 2), ("worker", 1)) with { Budgets = [Other("shop--web", "somewhere-else")] };

        var plan = Plan(observed);

        Assert.Equal(["shop--worker"], Budgets(plan).Select(budget => budget.Metadata.Name));
        Assert.Empty(plan.Warnings);
        var accepted = Conditions.Find(
            AppStatusBuilder.Build(observed, plan, ApplyOutcome.Success, Sample.Options, Sample.Now).Conditions,
            ConditionTypes.Accepted)!;
        Assert.Equal(
            (ConditionStatus.True, Reasons.DisruptionBudgetMissing.Name), (accepted.Status, accepted.Reason));
        Assert.Contains("PodDisruptionBudget shop--web", accepted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_budget_of_that_name_for_the_same_pods_takes_the_place()
    {
        var observed = Given(("web", 2)) with { Budgets = [Other("shop--web", "shop")] };

        var plan = Plan(observed);

        Assert.Empty(Budgets(plan));
        Assert.Null(plan.BudgetProblem);
    }

    /// <summary>As after a restore, or an edit that removed the owner.</summary>
    [Fact]
    public void One_that_lost_its_owner_is_taken_back()
    {
        var observed = Given(("web", 2)) with { Budgets = [Other("shop--web", "shop") with { IsAdoptable = true }] };

        Assert.Single(Budgets(Plan(observed)));
    }

    private static BudgetFacts Other(string name, string app) => new(name, "uid-other", null)
    {
        Selector = new() { MatchLabels = new Dictionary<string, string> { [Labels.App] = app } },
    };

    private static BudgetFacts Ours(string name) => new(name, $"uid-{name}", "uid-app-shop");

    private static ObservedApp Given(params (string Type, int Quantity)[] formation) =>
        Released(Sample.App("shop", formation));

    private static ObservedApp Released(App app)
    {
        app.Status = new() { Release = 1 };
        return Sample.Observed(app) with
        {
            Releases =
            [
                ReleaseRecord.FromSpec(
                    app.Spec, new Dictionary<string, SecretDigest>()) with { Number = 1 },
            ],
        };
    }

    private static AppPlan Plan(ObservedApp observed) => AppPlanner.Plan(observed, Sample.Options);

    private static List<V1PodDisruptionBudget> Budgets(AppPlan plan) =>
        [.. plan.Children.All<V1PodDisruptionBudget>()];
}
