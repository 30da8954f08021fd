using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Applying;

/// <summary>Statuses, deletions and finalizers.</summary>
public sealed class ApplierDirectTests
{
    private readonly ApplierFixture _fixture = new();

    private static DesiredObject Service =>
        ApplierFixture.Desired(ApplierFixture.Services, "svc", """{"ports":[{"port":80}]}""");

    private FakeTransport Api => _fixture.Transport;

    [Fact]
    public async Task Status_is_written_by_its_own_manager_and_only_when_it_changed()
    {
        var update = new StatusUpdate(
            ApplierFixture.Owner, new JsonObject { ["ready"] = 1, ["gone"] = null }, new JsonObject { ["ready"] = 1 });
        Assert.Equal(StatusReport.Unchanged, await WriteAsync(update));
        Assert.Empty(Api.Calls);

        var live = new JsonObject { ["ready"] = 1, ["old"] = 2 };
        Assert.Equal(StatusReport.Written, await WriteAsync(update with { LiveStatus = live }));
        var call = Assert.Single(Api.Calls);
        Assert.Equal(new WriteQuery { FieldManager = "op-status", Force = true, Subresource = "status" }, call.Query);
        const string Expected = """
            {"apiVersion":"example.dev/v1","kind":"Tenant","metadata":{"name":"owner","uid":"owner-uid","namespace":"ns"},"status":{"ready":1}}
            """;
        Assert.Equal(Expected, call.Content!.ToJsonString());
    }

    [Fact]
    public async Task Status_that_is_refused_is_a_failure_by_class_and_a_target_that_is_gone_is_not()
    {
        var update = new StatusUpdate(ApplierFixture.Owner, new JsonObject { ["ready"] = 1 }, null);
        Api.Answer = _ => throw FakeTransport.Refusal(HttpStatusCode.NotFound, "NotFound");
        Assert.Equal(StatusReport.Unchanged, await WriteAsync(update));
        Api.Answer = _ => throw FakeTransport.Refusal(HttpStatusCode.Conflict, "Conflict");
        Assert.Equal((false, FailureClass.Transient), Outcome(await WriteAsync(update)));
        Api.Answer = _ => throw FakeTransport.Refusal(HttpStatusCode.UnprocessableEntity, "Invalid");
        Assert.Equal((false, FailureClass.MayPass), Outcome(await WriteAsync(update)));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Conflict)]
    public async Task Deleting_what_is_gone_or_replaced_is_not_a_failure(HttpStatusCode code)
    {
        Api.Answer = _ => throw FakeTransport.Refusal(code, "x");
        Assert.Null(
            await _fixture.Applier.DeleteAsync(ApplierFixture.Live(Service), TestContext.Current.CancellationToken));
        Assert.Equal("uid-svc", Assert.Single(Api.Calls).Content!["uid"]!.GetValue<string>());
    }

    [Fact]
    public async Task Finalizer_is_added_and_removed_only_when_needed_and_only_on_the_version_that_was_read()
    {
        var without = ApplierFixture.Live(Service);
        Assert.Null(await _fixture.Applier.SetFinalizerAsync(
            without, "f", present: false, TestContext.Current.CancellationToken));
        Assert.Empty(Api.Calls);
        await _fixture.Applier.SetFinalizerAsync(without, "f", present: true, TestContext.Current.CancellationToken);
        Assert.Equal(
            """{"metadata":{"resourceVersion":"5","uid":"uid-svc","finalizers":["f"]}}""",
            Api.Calls[0].Content!.ToJsonString());
        var with = ApplierFixture.Live(Service, change: o =>
            o["metadata"]!["finalizers"] = new JsonArray("other", "f"));
        await _fixture.Applier.SetFinalizerAsync(with, "f", present: false, TestContext.Current.CancellationToken);
        Assert.Equal("""["other"]""", Api.Calls[1].Content!["metadata"]!["finalizers"]!.ToJsonString());
        Api.Answer = _ => throw FakeTransport.Refusal(HttpStatusCode.Conflict, "Conflict");
        var failure = await _fixture.Applier.SetFinalizerAsync(
            with, "f", present: false, TestContext.Current.CancellationToken);
        Assert.Equal(FailureClass.Transient, failure!.Class);
    }

    private Task<StatusReport> WriteAsync(StatusUpdate update) =>
        _fixture.Applier.ApplyStatusAsync(update, TestContext.Current.CancellationToken);

    private static (bool WasWritten, FailureClass? Class) Outcome(StatusReport report) =>
        (report.WasWritten, report.Failure?.Class);
}
