using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Apps;

/// <summary>Who decides about the number of web dynos, and what the operator does about <c>spec.replicas</c>.</summary>
public sealed class WebScaleTests
{
    private const string Ours = DynospaceGroup.ScaleFieldManager;

    private static readonly App[] Known =
    [
        Given(2, null),
        Given(2, 2, Ours),
        Given(2, 5, "kubectl", Ours),
    ];

    /// <param name="quantity">The quantity of web; -1 for an App without web.</param>
    /// <param name="replicas">What stands in the field; -1 for nothing.</param>
    /// <param name="managers">Who has the field; <c>*</c> for the operator's entry without the field.</param>
    /// <param name="decided">The number of web dynos.</param>
    [Theory]
    // Nobody has scaled yet.
    [InlineData(2, -1, "", false, true, ScaleAction.Mirror, 2)]
    [InlineData(2, 2, Ours, true, true, ScaleAction.None, 2)]
    // Git changes the quantity, to nothing, or takes web away.
    [InlineData(3, 2, Ours, true, true, ScaleAction.Mirror, 3)]
    [InlineData(0, 2, Ours, true, true, ScaleAction.Mirror, 0)]
    [InlineData(-1, 2, Ours, true, true, ScaleAction.Release, 0)]
    [InlineData(-1, -1, "", false, true, ScaleAction.None, 0)]
    // Another field manager takes it, alone or beside the operator, to another number or the same.
    [InlineData(2, 5, "kubectl", false, true, ScaleAction.None, 5)]
    [InlineData(2, 5, "kubectl *", true, true, ScaleAction.Release, 5)]
    [InlineData(2, 2, "kube-controller-manager " + Ours, true, true, ScaleAction.Release, 2)]
    [InlineData(2, 2, "kustomize-controller", false, true, ScaleAction.None, 2)]
    [InlineData(-1, 5, "kubectl", false, true, ScaleAction.None, 0)]
    // The scale subresource leaves no name behind when it scales to zero.
    [InlineData(2, 0, "*", true, true, ScaleAction.Release, 0)]
    [InlineData(2, 0, "", false, true, ScaleAction.None, 0)]
    [InlineData(0, 0, "*", true, true, ScaleAction.Mirror, 0)]
    // It is removed again: Git decides.
    [InlineData(2, -1, "*", true, true, ScaleAction.Mirror, 2)]
    // A file that is not applied yet, and an object whose managedFields were cleared.
    [InlineData(2, 5, "", false, false, ScaleAction.None, 5)]
    [InlineData(2, 2, "", true, true, ScaleAction.Mirror, 2)]
    // A backup keeps the field and its annotation, and a restore brings both.
    [InlineData(3, 2, "velero-server", true, false, ScaleAction.Reset, 3)]
    [InlineData(-1, 2, "velero-server", true, false, ScaleAction.Reset, 0)]
    [InlineData(3, 2, "velero-server", false, false, ScaleAction.None, 2)]
    // An exported manifest in Git decides like any other, once the operator has reset it.
    [InlineData(3, 2, "kustomize-controller", true, true, ScaleAction.None, 2)]
    public void The_last_other_field_manager_decides_and_else_the_quantity(
        int quantity, int replicas, string managers, bool isMarked, bool wasSeen, ScaleAction action, int decided)
    {
        var app = Given(
            quantity, replicas < 0 ? null : replicas, managers.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        app.Metadata.Annotations = isMarked
            ? new Dictionary<string, string> { [Annotations.MirroredReplicas] = "true" }
            : null;
        app.Status = wasSeen ? new() { ObservedGeneration = 1 } : null;

        Assert.Equal(action, WebScale.FromApp(app).Action);
        Assert.Equal(
            decided,
            Formation.FromSpec(app)
                .Where(process => process.Type == ProcessTypes.Web)
                .Sum(process => process.Quantity));
    }

    [Fact]
    public void A_cache_keeps_of_the_field_managers_what_decides()
    {
        foreach (var app in Known)
        {
            var before = WebScale.FromApp(app);
            app.Metadata.ManagedFields =
            [
                .. (app.Metadata.ManagedFields ?? []).Append(Entry("kubelet", "f:status"))
                    .Select(WebScale.Keep)
                    .OfType<V1ManagedFieldsEntry>(),
            ];

            var after = WebScale.FromApp(app);

            Assert.DoesNotContain(app.Metadata.ManagedFields, entry => entry.Manager == "kubelet");
            Assert.Equal((before.Action, before.Replicas), (after.Action, after.Replicas));
            Assert.Equal(before.Deciders, after.Deciders);
        }
    }

    [Fact]
    public void A_quantity_without_effect_is_said_with_who_decides()
    {
        var app = Given(2, 5, "kube-controller-manager");

        Assert.Equal(
            "The spec is valid in this space. spec.replicas 5 (set by kube-controller-manager) decides the number "
            + "of web dynos: quantity 2 of process web has no effect until spec.replicas is removed.",
            Accepted(app).Message);
        Assert.Equal(ConditionStatus.True, Accepted(app).Status);
    }

    [Fact]
    public void Replicas_without_web_are_said() => Assert.EndsWith(
        "spec.replicas 5 (set by kubectl) has no effect: the app has no process of type web.",
        Accepted(Given(-1, 5, "kubectl")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_said_where_both_agree() =>
        Assert.Equal("The spec is valid in this space.", Accepted(Given(2, 2, "kubectl")).Message);

    [Theory]
    [InlineData(60, 50, "", "make 110 dynos, and an app runs at most 100")]
    [InlineData(11, 0, DynoSizes.PrivateL, "is more than the 10 dynos of size Private-L")]
    public void Numbers_that_only_add_up_later_to_too_much_are_refused_in_a_condition(
        int replicas, int workers, string size, string said)
    {
        var app = Given(2, replicas, "kube-controller-manager");
        app.Spec.Processes!.Add(new() { Type = "worker", Quantity = workers });
        if (size.Length > 0)
        {
            app.Spec.Processes[0].Size = size;
        }

        var observed = Sample.Observed(app) with
        {
            Space = Sample.ReadySpace(Dynospace.Api.Spaces.SpaceRuntime.Private),
        };
        var plan = AppPlanner.Plan(observed, Sample.Options);

        Assert.Equal(Reasons.TooManyDynos, plan.Problem?.Reason);
        Assert.Contains(said, plan.Problem!.Message, StringComparison.Ordinal);
        Assert.Contains($"spec.replicas {replicas} (set by kube-controller-manager)", plan.Problem.Message);
        Assert.Empty(plan.Children.Objects);
    }

    private static V1Condition Accepted(App app)
    {
        var observed = Sample.Observed(app);
        var plan = AppPlanner.Plan(observed, Sample.Options);
        var status = AppStatusBuilder.Build(observed, plan, ApplyOutcome.Success, Sample.Options, Sample.Now);
        return Conditions.Find(status.Conditions, ConditionTypes.Accepted)!;
    }

    private static App Given(int quantity, int? replicas, params string[] managers)
    {
        var app = quantity < 0 ? Sample.App("shop", ("worker", 1)) : Sample.App("shop", ("web", quantity));
        app.Spec.Replicas = replicas;
        app.Metadata.ManagedFields =
        [
            Entry("kubectl-client-side-apply", "f:spec", "f:image"),
            .. managers.Select(manager => manager == "*"
                ? Entry(Ours, "f:metadata", "f:annotations")
                : Entry(manager, "f:spec", "f:replicas")),
        ];
        return app;
    }

    private static V1ManagedFieldsEntry Entry(string manager, params string[] path) => new()
    {
        Manager = manager,
        FieldsV1 = JsonSerializer.SerializeToElement(
            path.Reverse().Aggregate(new Dictionary<string, object>(), (inner, name) => new() { [name] = inner })),
    };
}
