using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Transport;

public sealed class ApiTransportTests : IAsyncDisposable
{
    private static readonly ObjectKey Key = new("ns", "a");

    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedApiServer _server = ScriptedApiServer.Start();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apply_names_manager_force_subresource_and_media_type()
    {
        var call = Transport().ApplyAsync(
            Objects.Tenants, Key, new JsonObject
            {
                ["a"] =
                1
            }, new WriteQuery { FieldManager = "op-status", Force = true, Subresource = "status" }, Cancelled);
        var request = await _server.NextAsync();
        Assert.Equal("PATCH", request.Method);
        Assert.Equal(
            "/apis/example.dev/v1/namespaces/ns/tenants/a/status?fieldManager=op-status&force=true", request.Target);
        Assert.Equal("application/apply-patch+yaml", request.Headers["Content-Type"]);
        Assert.Equal("""{"a":1}""", request.Body!.ToJsonString());
        await request.AnswerAsync("""{"b":2}""");
        Assert.Equal("""{"b":2}""", (await call).ToJsonString());
    }

    [Fact]
    public async Task Apply_without_a_manager_is_refused_before_it_is_sent() =>
        await Assert.ThrowsAsync<ArgumentException>(
        () => Transport().ApplyAsync(Objects.Tenants, Key, [], new WriteQuery(), Cancelled));

    [Theory]
    [InlineData(PatchFormat.Merge, "application/merge-patch+json")]
    [InlineData(PatchFormat.Json, "application/json-patch+json")]
    public async Task Patch_names_its_format(PatchFormat format, string mediaType)
    {
        var call = Transport().PatchAsync(Objects.Namespaces, ObjectKey.ClusterScoped(
            "n"), format, new JsonObject(), new WriteQuery { DryRun = true }, Cancelled);
        var request = await _server.NextAsync();
        Assert.Equal("/api/v1/namespaces/n?dryRun=All", request.Target);
        Assert.Equal(mediaType, request.Headers["Content-Type"]);
        await request.AnswerAsync("{}");
        await call;
    }

    [Fact]
    public async Task Delete_carries_uid_and_propagation()
    {
        var call = Transport().DeleteAsync(
            Objects.ConfigMaps,
            Key,
            new DeleteQuery
            {
                Uid = "u",
                Propagation = DeletePropagation.Foreground,
                GracePeriod = TimeSpan.FromSeconds(3),
            },
            Cancelled);
        var request = await _server.NextAsync();
        Assert.Equal("DELETE", request.Method);
        Assert.Equal("u", request.Body!["preconditions"]!["uid"]!.GetValue<string>());
        Assert.Equal("Foreground", request.Body!["propagationPolicy"]!.GetValue<string>());
        Assert.Equal(3, request.Body!["gracePeriodSeconds"]!.GetValue<int>());
        await request.AnswerAsync("{}");
        await call;
    }

    [Fact]
    public async Task Create_goes_to_the_namespace_of_the_object()
    {
        var call = Transport().CreateAsync(Objects.ConfigMaps, Objects.ConfigMap(
            "a", "", "", "team"), new WriteQuery { FieldManager = "op" }, Cancelled);
        var request = await _server.NextAsync();
        Assert.Equal("POST /api/v1/namespaces/team/configmaps?fieldManager=op", $"{request.Method} {request.Target}");
        await request.AnswerAsync("{}", 201);
        await call;
    }

    [Fact]
    public async Task Refusal_holds_status_reason_message_causes_and_wait()
    {
        var call = Transport().GetAsync(Objects.ConfigMaps, Key, Cancelled);
        await (await _server.NextAsync()).AnswerAsync(
            Objects.Status(
                403, "Forbidden", "namespace ns is being terminated", "NamespaceTerminating"), 403, "Retry-After: 7");
        var error = await Assert.ThrowsAsync<ApiException>(() => call);
        Assert.Equal(HttpStatusCode.Forbidden, error.Code);
        Assert.Equal("Forbidden", error.Reason);
        Assert.Equal("namespace ns is being terminated", error.Status.Message);
        Assert.True(error.IsNamespaceTerminating);
        Assert.Equal(TimeSpan.FromSeconds(7), error.Status.RetryAfter);
    }

    [Fact]
    public async Task Refusal_never_shows_a_body_that_is_not_a_Status()
    {
        var call = Transport().GetAsync(Objects.ConfigMaps, Key, Cancelled);
        await (await _server.NextAsync()).AnswerAsync("<html>password=hunter2</html>", "text/html", 502);
        var error = await Assert.ThrowsAsync<ApiException>(() => call);
        Assert.Equal(HttpStatusCode.BadGateway, error.Code);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_of_a_refusal_is_capped()
    {
        var call = Transport().GetAsync(Objects.ConfigMaps, Key, Cancelled);
        await (await _server.NextAsync()).RefuseAsync(422, "Invalid", new string('ü', 5_000));
        var error = await Assert.ThrowsAsync<ApiException>(() => call);
        Assert.InRange(Encoding.UTF8.GetByteCount(error.Status.Message), 1_000, 1_024);
        Assert.InRange(error.Message.Length, 1, 1_100);
    }

    [Fact]
    public async Task A_unary_answer_that_is_not_JSON_is_a_broken_connection_rather_than_a_defect()
    {
        var call = Transport().GetAsync(Objects.ConfigMaps, Key, Cancelled);
        await (await _server.NextAsync()).AnswerAsync("{\"metadata\":");
        await Assert.ThrowsAsync<IOException>(() => call);
    }

    [Fact]
    public async Task Server_that_never_answers_is_a_timeout()
    {
        var call = Transport().GetAsync(Objects.ConfigMaps, Key, Cancelled);
        await _server.NextAsync();
        _clock.Advance(new ApiTransportOptions().RequestTimeout);
        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task Answer_that_stops_in_the_middle_is_a_timeout_too()
    {
        var call = Transport().GetAsync(Objects.ConfigMaps, Key, Cancelled);
        var request = await (await _server.NextAsync()).OpenAsync();
        await request.LineAsync("{");
        _clock.Advance(new ApiTransportOptions().RequestTimeout);
        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task Cancellation_is_not_a_timeout()
    {
        using var cancel = new CancellationTokenSource();
        var call = Transport().GetAsync(Objects.ConfigMaps, Key, cancel.Token);
        await _server.NextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Token_is_asked_for_with_every_request_so_that_an_expired_one_is_replaced()
    {
        var tokens = new CountingTokens();
        using var client = new Kubernetes(
            new KubernetesClientConfiguration { Host = $"http://127.0.0.1:{_server.Port}", TokenProvider = tokens });
        var transport = new ApiTransport(client, new ApiTransportOptions { UserAgent = "tester/1" }, _clock);
        var first = transport.GetAsync(Objects.ConfigMaps, Key, Cancelled);
        var refused = await _server.NextAsync();
        Assert.Equal("Bearer token-1", refused.Headers["Authorization"]);
        Assert.Equal("tester/1", refused.Headers["User-Agent"]);
        await refused.RefuseAsync(401, "Unauthorized");
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<ApiException>(() => first)).Code);
        var second = transport.GetAsync(Objects.ConfigMaps, Key, Cancelled);
        var request = await _server.NextAsync();
        Assert.Equal("Bearer token-2", request.Headers["Authorization"]);
        await request.AnswerAsync("{}");
        await second;
    }

    [Fact]
    public async Task Connection_refused_is_an_http_failure()
    {
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => Transport().GetAsync(Objects.ConfigMaps, Key, Cancelled));
    }

    [Fact]
    public async Task Requests_are_counted_by_verb_kind_and_code()
    {
        using var metrics = new MetricRecorder();
        var kind = new ResourceKind("counted.dev", "v1", "things", "CountedThing", true);
        var call = Transport().GetAsync(kind, Key, Cancelled);
        await (await _server.NextAsync()).RefuseAsync(404, "NotFound");
        await Assert.ThrowsAsync<ApiException>(() => call);
        Assert.Equal(1, metrics.Sum(RuntimeMetrics.ApiRequests, "verb=get", "kind=CountedThing", "code=404"));
        Assert.Equal(1, metrics.Count(RuntimeMetrics.ApiRequestDuration, "kind=CountedThing"));
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private ApiTransport Transport() => new(_server.Client(), new ApiTransportOptions(), _clock);

    private sealed class CountingTokens : ITokenProvider
    {
        private int _count;

        public Task<System.Net.Http.Headers.AuthenticationHeaderValue> GetAuthenticationHeaderAsync(
            CancellationToken cancellationToken) =>
            Task.FromResult(new System.Net.Http.Headers.AuthenticationHeaderValue(
                "Bearer", $"token-{Interlocked.Increment(ref _count)}"));
    }

    [Fact]
    public async Task Refused_credentials_are_an_error_after_a_while_until_they_are_accepted_again()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var server = ScriptedApiServer.Start();
        using var client = server.Client();
        var transport = new ApiTransport(client, new ApiTransportOptions(), clock);

        await AskAsync(401);
        Assert.Null(transport.Trouble);
        clock.Advance(TimeSpan.FromSeconds(61));
        await AskAsync(401);
        Assert.Equal(
            "the API server has refused the credentials since 2026-03-01T12:00:00Z (401 Unauthorized): renew the token "
            + "or certificate",
            transport.Trouble);

        // Another refusal shows that the server knows who asks.
        await AskAsync(403);
        Assert.Null(transport.Trouble);

        async Task AskAsync(int code)
        {
            var asked = transport.GetAsync(
                Objects.ConfigMaps, new ObjectKey("ns", "a"), TestContext.Current.CancellationToken);
            await (await server.NextAsync()).RefuseAsync(code, "Refused");
            await Assert.ThrowsAsync<ApiException>(() => asked);
        }
    }
}
