using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Applying;

/// <summary>Many desired objects: their order, and what a failure withholds.</summary>
public sealed class ApplierStageTests
{
    private static readonly OwnerIdentity Stranger = new(
        Objects.Tenants, new ObjectKey("ns", "stranger"), "stranger-uid");

    private readonly ApplierFixture _fixture = new();

    private static DesiredObject Service =>
        ApplierFixture.Desired(ApplierFixture.Services, "svc", """{"ports":[{"port":80}]}""");

    private FakeTransport Api => _fixture.Transport;

    [Fact]
    public async Task Failed_stage_withholds_later_stages()
    {
        var policy = ApplierFixture.Desired(ApplierFixture.Policies, "deny") with { Guard = CreationGuard.TrustCache };
        var pod = ApplierFixture.Desired(
            ApplierFixture.Pods, "pod") with
        { Stage = 1, Guard = CreationGuard.TrustCache };
        Api.Answer = _ => throw FakeTransport.Refusal(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable");
        var report = await _fixture.ApplyAsync([pod, policy]);
        Assert.Equal(["apply deny"], Api.Log);
        Assert.Equal("Pod ns/pod", Assert.Single(report.Withheld).ToString());
        Assert.Equal(FailureClass.Transient, report.FirstToRetry?.Class);
    }

    [Fact]
    public async Task Stages_come_in_order_and_what_the_set_does_not_name_stays()
    {
        var policy = ApplierFixture.Desired(ApplierFixture.Policies, "deny") with { Guard = CreationGuard.TrustCache };
        var pod = ApplierFixture.Desired(
            ApplierFixture.Pods, "pod") with
        { Stage = 1, Guard = CreationGuard.CreateOnly };
        var extra = ApplierFixture.Live(ApplierFixture.Desired(ApplierFixture.Pods, "extra"));
        Api.Answer = call => call.Verb == "create"
            ? throw FakeTransport.Refusal(HttpStatusCode.Forbidden, "Forbidden", "exceeded quota")
            : [];
        var report = await _fixture.ApplyAsync([pod, policy], extra);
        Assert.Equal(["apply deny", "create pod"], Api.Log);
        Assert.Equal("exceeded quota", Assert.Single(report.Refusals).Message);
        Assert.Equal(FailureClass.MayPass, report.FirstToRetry?.Class);
        Assert.Empty(report.Pruned);
    }

    [Fact]
    public async Task Foreign_prerequisite_withholds_what_depends_on_it()
    {
        var policy = ApplierFixture.Desired(ApplierFixture.Policies, "deny");
        var pod = ApplierFixture.Desired(ApplierFixture.Pods, "pod") with { Stage = 1 };
        var report = await _fixture.ApplyAsync([policy, pod], ApplierFixture.Live(policy, Stranger));
        Assert.Empty(Api.Calls);
        Assert.Single(report.Foreign);
        Assert.Single(report.Withheld);
    }

    [Fact]
    public async Task One_failure_does_not_keep_its_siblings_from_being_applied()
    {
        var desired = Enumerable.Range(0, 20).Select(i =>
            ApplierFixture.Desired(ApplierFixture.Services, $"s{i}") with { Guard = CreationGuard.TrustCache });
        Api.Answer = call => call.Key.Name == "s7"
            ? throw new HttpRequestException("reset")
            : Versioned(call.Content!, "9");
        var report = await _fixture.ApplyAsync([.. desired]);
        Assert.Equal(19, report.Applied.Count);
        Assert.Equal("Service ns/s7", Assert.Single(report.Failures).Reference.ToString());
    }

    [Fact]
    public async Task Terminating_namespace_is_not_a_failure()
    {
        Api.Answer = _ => throw FakeTransport.Refusal(
            HttpStatusCode.Forbidden, "Forbidden", "being terminated", "NamespaceTerminating");
        var report = await _fixture.ApplyAsync([Service with { Guard = CreationGuard.TrustCache }]);
        Assert.Empty(report.Failures);
        Assert.Single(report.Terminating);
    }

    [Fact]
    public async Task Waits_of_all_failures_are_kept_to_the_longest()
    {
        Api.Answer = call => throw new ApiException(new ApiStatus(HttpStatusCode.TooManyRequests, "TooManyRequests", "")
        {
            RetryAfter = TimeSpan.FromSeconds(call.Key.Name.Length),
        });
        var report = await _fixture.ApplyAsync(
            [Service with { Guard = CreationGuard.TrustCache }, ApplierFixture.Desired(
                ApplierFixture.Services, "longer") with { Guard = CreationGuard.TrustCache }]);
        Assert.Equal(TimeSpan.FromSeconds(6), report.FirstToRetry!.RetryAfter);
    }

    [Fact]
    public async Task Cancellation_is_thrown_and_not_reported()
    {
        using var cancel = new CancellationTokenSource();
        Api.Answer = _ =>
        {
            cancel.Cancel();
            throw new OperationCanceledException(cancel.Token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _fixture.Applier.ApplyAsync(new ApplySet(ApplierFixture.Owner, [Service], []), cancel.Token));
    }

    private static JsonObject Versioned(JsonObject content, string version)
    {
        var answer = content.DeepClone().AsObject();
        answer["metadata"]!["resourceVersion"] = version;
        return answer;
    }
}
