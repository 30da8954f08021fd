using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Tests.Status;

public sealed class TransitionsTests
{
    [Fact]
    public void A_steady_state_records_nothing()
    {
        IList<V1Condition> conditions = [Condition(ConditionTypes.Up, ConditionStatus.True, Reasons.Up)];

        Assert.Empty(Transitions.Between(conditions, conditions));
    }

    [Theory]
    [InlineData(null, null, ConditionStatus.True, nameof(Reasons.Up), false)]
    [InlineData(ConditionStatus.True, nameof(Reasons.Up), ConditionStatus.False, nameof(Reasons.Crashed), true)]
    [InlineData(
        ConditionStatus.False, nameof(Reasons.Starting), ConditionStatus.False, nameof(Reasons.ImagePullFailed), true)]
    [InlineData(ConditionStatus.False, nameof(Reasons.Crashed), ConditionStatus.True, nameof(Reasons.Up), false)]
    [InlineData(
        ConditionStatus.True, nameof(Reasons.FormationUp), ConditionStatus.False, nameof(Reasons.DynosNotUp), true)]
    [InlineData(
        ConditionStatus.True, nameof(Reasons.Released), ConditionStatus.False, nameof(Reasons.RollingOut), false)]
    [InlineData(
        ConditionStatus.True, nameof(Reasons.Applied), ConditionStatus.True, nameof(Reasons.RangeConflict), true)]
    public void A_change_becomes_one_event(
        string? before, string? beforeReason, string after, string reason, bool isWarning)
    {
        IList<V1Condition> old = before is null ? [] : [Condition(ConditionTypes.Up, before, beforeReason!)];

        var planned = Assert.Single(Transitions.Between(old, [Condition(ConditionTypes.Up, after, reason)]));

        Assert.Equal((isWarning, reason), (planned.IsWarning, planned.Reason));
    }

    [Theory]
    [InlineData(nameof(Reasons.Starting))]
    [InlineData(nameof(Reasons.DynosNotUp))]
    [InlineData(nameof(Reasons.SpaceNotReady))]
    public void Usual_states_during_startup_are_not_reported(string reason) =>
        Assert.Empty(Transitions.Between([], [Condition(ConditionTypes.Up, ConditionStatus.False, reason)]));

    [Fact]
    public void Summaries_and_repeated_reasons_become_no_event()
    {
        IList<V1Condition> after =
        [
            Condition(ConditionTypes.Accepted, ConditionStatus.False, Reasons.SecretNotFound),
            Condition(ConditionTypes.Released, ConditionStatus.False, Reasons.SecretNotFound),
            Condition(ConditionTypes.Ready, ConditionStatus.False, Reasons.SecretNotFound),
            Condition(ConditionTypes.Stalled, ConditionStatus.True, Reasons.SecretNotFound),
        ];

        Assert.Single(Transitions.Between(null, after));
    }

    [Fact]
    public void A_stall_for_a_reason_that_no_other_condition_has_becomes_an_event()
    {
        IList<V1Condition> after =
        [
            Condition(ConditionTypes.NamespaceReady, ConditionStatus.True, Reasons.Ready),
            Condition(ConditionTypes.Ready, ConditionStatus.False, Reasons.RegionNotFound),
            Condition(ConditionTypes.Stalled, ConditionStatus.True, Reasons.RegionNotFound),
        ];

        var reported = Transitions.Between(null, after).Single(planned => planned.Reason == Reasons.RegionNotFound);

        Assert.True(reported.IsWarning);
        Assert.DoesNotContain(Transitions.Between(after, after), planned => planned.Reason == Reasons.RegionNotFound);
    }

    private static V1Condition Condition(string type, string status, string reason) =>
        new() { Type = type, Status = status, Reason = reason, Message = "m" };
}
