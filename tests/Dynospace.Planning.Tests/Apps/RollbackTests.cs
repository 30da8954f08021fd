using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Children;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Apps;

/// <summary>An app with three releases, its images <c>:1</c> to <c>:3</c>, whose spec asks for the third.</summary>
public sealed class RollbackTests
{
    private readonly App _app = Sample.App("shop", ("web", 2));
    private readonly List<ReleaseRecord> _releases = [];

    public RollbackTests()
    {
        foreach (var number in new[] { 1, 2, 3 })
        {
            _app.Spec.Image = $"registry.example/shop:{number}";
            _releases.Add(FromSpec() with { Number = number });
        }

        _app.Status = new() { Release = 3 };
    }

    [Fact]
    public void A_rollback_is_one_more_release_with_the_content_of_the_older_one()
    {
        _app.Spec.RollbackTo = 1;

        var release = Store(Plan());

        Assert.Equal((4, "registry.example/shop:1", 1), (release.Number, release.Image, release.RollbackTo));
        Assert.Equal(_releases[0].Hash, release.Hash);
    }

    [Fact]
    public void It_is_made_once_and_holds_while_the_spec_asks_for_the_same()
    {
        RollBack(1);
        _app.Spec.Processes![0].Quantity = 3;

        var plan = Plan();

        Assert.Null(plan.Release);
        Assert.Equal((4, 4), (plan.WantedRelease, plan.CurrentRelease));
        Assert.Contains("release 1 again (spec.rollbackTo)", Released(plan).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_spec_goes_out_although_the_field_is_still_set()
    {
        RollBack(1);
        _app.Spec.Image = "registry.example/shop:4";

        Assert.Equal("registry.example/shop:4", Store(Plan()).Image);

        var plan = Plan();
        Assert.Null(plan.Release);
        Assert.Equal(5, plan.WantedRelease);
        Assert.Contains(
            "rollbackTo 1 has no effect, since the spec changed after it was set: to roll back again, name release 4",
            Released(plan).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_release_that_a_rollback_made_can_be_rolled_back_to()
    {
        RollBack(1);
        _app.Spec.Image = "registry.example/shop:4";
        Store(Plan());
        _app.Spec.RollbackTo = 4;

        Assert.Equal((6, "registry.example/shop:1"), (Store(Plan()).Number, _releases[^1].Image));
    }

    [Fact]
    public void Removing_the_field_ends_the_rollback_and_it_can_be_set_again()
    {
        RollBack(1);
        _app.Spec.RollbackTo = null;
        Assert.Equal("registry.example/shop:3", Store(Plan()).Image);

        _app.Spec.RollbackTo = 1;

        Assert.Equal("registry.example/shop:1", Store(Plan()).Image);
    }

    [Fact]
    public void A_spec_that_is_made_the_same_as_the_older_release_needs_no_further_one()
    {
        RollBack(1);
        _app.Spec.Image = "registry.example/shop:1";

        Assert.Null(Plan().Release);
    }

    [Fact]
    public void Values_of_secrets_are_those_of_the_older_release()
    {
        _app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        SecretDigest old = new("shop-secrets", "old");
        SecretDigest now = new("shop-secrets", "new");
        _releases.Clear();
        _releases.Add(FromSpec(old) with { Number = 1, Secret = "shop-r1" });
        _releases.Add(FromSpec(now) with { Number = 2, Secret = "shop-r2" });
        _app.Status = new() { Release = 2 };
        _app.Spec.RollbackTo = 1;
        var observed = Observed() with
        {
            Secrets = [now],
            ReleaseSecrets =
            [
                ChildIdentity.For<V1Secret>("acme", "shop-r1", "uid-1"),
                ChildIdentity.For<V1Secret>("acme", "shop-r2", "uid-2"),
            ],
        };

        var plan = AppPlanner.Plan(observed, Sample.Options);

        Assert.Equal("shop-r1", ReleaseRecord.FromRevision(plan.Release!)!.Secret);
        Assert.Empty(plan.Secrets);
        Assert.Equal(
            Reasons.RollbackRefused,
            AppPlanner.Plan(observed with { ReleaseSecrets = [] }, Sample.Options).ReleaseProblem?.Reason);
    }

    [Fact]
    public void A_release_that_does_not_exist_is_refused_with_those_that_do_and_what_runs_goes_on()
    {
        _app.Spec.RollbackTo = 9;

        var plan = Plan();

        Assert.Null(plan.Release);
        Assert.Equal(Reasons.RollbackRefused, Released(plan).Reason);
        Assert.Contains("there are: 1, 2, 3", Released(plan).Message, StringComparison.Ordinal);
        Assert.Equal(3, plan.CurrentRelease);
    }

    [Fact]
    public void A_process_type_that_the_older_release_has_no_command_for_must_be_scaled_down_first()
    {
        _app.Spec.Processes!.Add(new() { Type = "clock", Quantity = 1, Command = ["bin/clock"] });
        _releases.Add(FromSpec() with { Number = 4 });
        _app.Status = new() { Release = 4 };
        _app.Spec.RollbackTo = 1;

        Assert.Contains("process type clock", Plan().ReleaseProblem?.Message, StringComparison.Ordinal);

        _app.Spec.Processes[1].Quantity = 0;
        RollBack(1);
        _app.Spec.Processes[1].Quantity = 1;
        Assert.DoesNotContain(Plan().Dynos, dyno => dyno.Spec.ProcessType == "clock");
    }

    [Fact]
    public void Before_the_first_release_there_is_nothing_to_go_back_to()
    {
        _releases.Clear();
        _app.Status = null;
        _app.Spec.RollbackTo = 1;

        Assert.Equal("registry.example/shop:3", Store(Plan()).Image);
        Assert.Contains("has no effect", Released(Plan()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_says_who_made_it_and_why()
    {
        _app.Spec.Image = "registry.example/shop:4";
        _app.Metadata.Annotations = new Dictionary<string, string>
        {
            [ReleaseOrigin.CauseAnnotation] = "fixes the\nbasket",
        };
        _app.Metadata.ManagedFields =
        [
            .. new[]
            {
                Entry("kubectl-client-side-apply", 1, """{"f:spec":{"f:image":{}}}"""),
                Entry("kubectl-edit", 2, """{"f:spec":{"f:image":{}}}"""),
                Entry("dynospace-scale", 3, """{"f:spec":{"f:replicas":{}}}"""),
                Entry("labeller", 4, """{"f:metadata":{"f:labels":{}}}"""),
            }.OfType<V1ManagedFieldsEntry>(),
        ];

        var annotations = Plan().Release!.Metadata.Annotations;

        Assert.Equal("kubectl-edit", annotations[Annotations.ChangedBy]);
        Assert.Equal("fixes the basket", annotations[ReleaseOrigin.CauseAnnotation]);
    }

    /// <summary>
    /// The annotation stays on an App; a change by another client that wrote none is not for its reason.
    /// </summary>
    [Theory]
    [InlineData("dynospace", 2, "kubectl-patch", 5, 3, null)]
    [InlineData("kubectl-annotate", 4, "kubectl-patch", 5, 3, "config set A")]
    [InlineData("kubectl-annotate", 2, "kubectl-patch", 5, null, "config set A")]
    public void The_cause_of_an_earlier_release_is_not_that_of_the_next(
        string explainer, int explained, string changer, int changed, int? previous, string? cause)
    {
        var origin = ReleaseOrigin.FromApp(
            Explained(
                Entry(explainer, explained, "{" + Cause + "}"), Entry(changer, changed, """{"f:spec":{}}""")),
            previous is { } hour ? new DateTimeOffset(2026, 3, 1, hour, 0, 0, TimeSpan.Zero) : null);

        Assert.Equal((changer, cause), (origin.ChangedBy, origin.Cause));
    }

    [Fact]
    public void A_client_that_states_spec_and_cause_together_is_believed() => Assert.Equal(
        "config set A",
        ReleaseOrigin.FromApp(
            Explained(Entry("kubectl-client-side-apply", 2, "{" + Cause + ""","f:spec":{}}""")),
            new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero)).Cause);

    /// <summary>What the API server stores must not stop the watch of Apps.</summary>
    [Theory]
    [InlineData("""{"f:metadata":null}""")]
    [InlineData("""{"f:metadata":{"f:annotations":null}}""")]
    [InlineData("null")]
    public void An_entry_without_fields_says_nothing(string fields) => Assert.Null(Entry("kubectl", 1, fields));

    private const string Cause = """ "f:metadata":{"f:annotations":{"f:kubernetes.io/change-cause":{}}}""";

    private App Explained(params V1ManagedFieldsEntry?[] entries)
    {
        _app.Metadata.Annotations = new Dictionary<string, string> { [ReleaseOrigin.CauseAnnotation] = "config set A" };
        _app.Metadata.ManagedFields = [.. entries.OfType<V1ManagedFieldsEntry>()];
        return _app;
    }

    private static V1ManagedFieldsEntry? Entry(string manager, int hour, string fields) =>
        WebScale.Keep(new()
        {
            Manager = manager,
            Time = new DateTime(2026, 3, 1, hour, 0, 0, DateTimeKind.Utc),
            FieldsV1 = System.Text.Json.JsonDocument.Parse(fields).RootElement,
        });

    private void RollBack(long number)
    {
        _app.Spec.RollbackTo = number;
        Store(Plan());
    }

    /// <summary>The operator stored the release of a plan, and it is out.</summary>
    private ReleaseRecord Store(AppPlan plan)
    {
        var release = ReleaseRecord.FromRevision(plan.Release!)!;
        _releases.Add(release);
        _app.Status = new() { Release = release.Number };
        return release;
    }

    private V1Condition Released(AppPlan plan) => Conditions.Find(
        AppStatusBuilder.Build(Observed(), plan, ApplyOutcome.Success, Sample.Options, Sample.Now).Conditions,
        ConditionTypes.Released)!;

    private AppPlan Plan() => AppPlanner.Plan(Observed(), Sample.Options);

    private ObservedApp Observed() => Sample.Observed(_app) with
    {
        Releases = [.. _releases],
        Dynos = [.. new[] { 1, 2, 3 }.Take(_app.Spec.Processes![0].Quantity)
            .Select(index => Sample.UpDyno(_app, "web", index, _app.Status?.Release ?? 1))],
    };

    private ReleaseRecord FromSpec(params SecretDigest[] secrets) =>
        ReleaseRecord.FromSpec(_app.Spec, secrets.ToDictionary(secret => secret.Name));
}
