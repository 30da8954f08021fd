using System.Net;
using Dynospace.Runtime.Applying;
using Dynospace.Testing.Applying;

namespace Dynospace.Runtime.Tests.Applying;

/// <summary>What tests of reconcilers rely on: order, and what follows a write that fails.</summary>
public sealed class RecordingApplierTests
{
    private readonly RecordingApplier _recording = new(ApplierFixture.Options);

    private static DesiredObject[] Staged =>
    [
        ApplierFixture.Desired(ApplierFixture.Services, "b") with { Stage = 1 },
        ApplierFixture.Desired(ApplierFixture.Policies, "a"),
        ApplierFixture.Desired(ApplierFixture.Pods, "c") with { Stage = 2, Guard = CreationGuard.CreateOnly },
    ];

    [Fact]
    public async Task Writes_are_kept_in_the_order_of_stages()
    {
        var report = await ApplyAsync(Staged);

        Assert.True(report.IsComplete);
        Assert.Equal(["apply NetworkPolicy ns/a", "apply Service ns/b", "create Pod ns/c"], _recording.Writes);
    }

    [Theory]
    [InlineData(1, new[] { "apply NetworkPolicy ns/a" }, 2)]
    [InlineData(2, new[] { "apply NetworkPolicy ns/a", "apply Service ns/b" }, 1)]
    [InlineData(3, new[] { "apply NetworkPolicy ns/a", "apply Service ns/b", "create Pod ns/c" }, 0)]
    public async Task A_write_that_fails_withholds_later_stages(int failing, string[] writes, int withheld)
    {
        _recording.RefuseWrite(failing, HttpStatusCode.UnprocessableEntity, "Invalid");

        var report = await ApplyAsync(Staged);

        Assert.Equal(writes, _recording.Writes);
        Assert.Equal(withheld, report.Withheld.Count);
        Assert.Equal("Invalid", Assert.Single(report.Failures).Reason);
    }

    [Fact]
    public async Task The_same_again_writes_only_what_was_refused()
    {
        _recording.RefuseWrites("Service");
        await ApplyAsync(Staged);
        _recording.RefuseNothing().Forget();

        await ApplyAsync(Staged);

        Assert.Equal(["apply Service ns/b", "create Pod ns/c"], _recording.Writes);
    }

    [Fact]
    public async Task A_deletion_spares_a_namesake()
    {
        await ApplyAsync(Staged);
        var service = _recording.Live(ApplierFixture.Services, new ObjectKey("ns", "b"))!;

        var failure = await _recording.Applier.DeleteAsync(
            service.Reference, "other", null, TestContext.Current.CancellationToken);
        Assert.Null(failure);
        Assert.NotNull(_recording.Live(ApplierFixture.Services, service.Key));

        await _recording.Applier.DeleteAsync(service, TestContext.Current.CancellationToken);
        Assert.Null(_recording.Live(ApplierFixture.Services, service.Key));
    }

    private Task<ApplyReport> ApplyAsync(DesiredObject[] desired) => _recording.Applier.ApplyAsync(
        new ApplySet(
            ApplierFixture.Owner, desired, [.. desired.Select(d =>
                _recording.Live(d.Kind, d.Key)).OfType<LiveObject>()]),
        TestContext.Current.CancellationToken);
}
