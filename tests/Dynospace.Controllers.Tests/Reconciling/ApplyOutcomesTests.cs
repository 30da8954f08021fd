using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Xunit;

namespace Dynospace.Controllers.Tests.Reconciling;

public sealed class ApplyOutcomesTests
{
    private static readonly ObjectReference Service = new(Kinds.Service, new ObjectKey("acme", "shop"));

    [Fact]
    public void All_applied_is_success() => Assert.Null(ApplyOutcomes.FromReport(new ApplyReport()).Problem);

    [Fact]
    public void A_name_that_is_taken_says_by_whom_and_is_not_retried()
    {
        var outcome = ApplyOutcomes.FromReport(
            new ApplyReport { Foreign = [new ForeignObject(Service, "Service acme/shop was not made by Dynospace")] });

        Assert.Equal(Reasons.NameTaken, outcome.Problem?.Reason);
        Assert.Equal("Service acme/shop was not made by Dynospace", outcome.Problem?.Message);
        Assert.False(outcome.IsRetrying);
    }

    [Theory]
    [InlineData(FailureClass.Transient, true, false)]
    [InlineData(FailureClass.MayPass, false, false)]
    [InlineData(FailureClass.Permanent, false, true)]
    public void A_failure_names_the_object_and_says_whether_it_may_pass(
        FailureClass kind, bool isRetrying, bool isPermanent)
    {
        var outcome = ApplyOutcomes.FromReport(
            new ApplyReport { Failures = [new ApplyFailure(Service, kind, "Invalid", "spec.ports: Required value")] });

        Assert.Equal(Reasons.ApplyFailed, outcome.Problem?.Reason);
        Assert.Contains("acme/shop", outcome.Problem?.Message, StringComparison.Ordinal);
        Assert.Contains("spec.ports: Required value", outcome.Problem?.Message, StringComparison.Ordinal);
        Assert.Equal((isRetrying, isPermanent), (outcome.IsRetrying, outcome.IsPermanent));
    }

    [Fact]
    public void What_admission_changes_has_a_reason_of_its_own()
    {
        var failure = new ApplyFailure(
            Service, FailureClass.MayPass, ApplyFailure.ChangedByAdmission, "spec.type is stored otherwise");

        Assert.Equal(
            new Problem(Reasons.ChangedByAdmission, "Service acme/shop: spec.type is stored otherwise"),
            ApplyOutcomes.FromReport(new ApplyReport { Failures = [failure] }).Problem);
    }

    [Fact]
    public void What_stays_is_reported_before_what_passes()
    {
        var outcome = ApplyOutcomes.FromReport(new ApplyReport
        {
            Failures =
            [
                new ApplyFailure(Service, FailureClass.Transient, "Conflict", "try again"),
                new ApplyFailure(Service, FailureClass.Permanent, "Invalid", "no way"),
            ],
        });

        Assert.Contains("no way", outcome.Problem?.Message, StringComparison.Ordinal);
    }
}
