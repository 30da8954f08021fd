using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Cli.Client;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynospace.Cli.Tests.Client;

public sealed class ClusterFollowerTests
{
    private static readonly ResourceKind Kind = ResourceKind.For<V1Pod>();

    public static TheoryData<Exception> Passing =>
    [
        new IOException("reset"),
        new HttpRequestException("refused"),
        new TimeoutException("slow"),
        Refusal(HttpStatusCode.InternalServerError),
        Refusal(HttpStatusCode.ServiceUnavailable),
        Refusal(HttpStatusCode.TooManyRequests),
    ];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_watch_that_fails_is_renewed_from_where_it_was(Exception failure)
    {
        var api = new ScriptedTransport
        {
            Lists = [Page("1", "a")],
            Watches = [[Event("b", "2"), failure], [Event("c", "3")]],
        };

        Assert.Equal(["all a", "b", "c"], await SeenAsync(api, 3));

        Assert.Equal(["1", "2"], api.WatchedFrom);
    }

    /// <summary>The server forgot the version, and fails as it is asked again.</summary>
    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_list_after_a_gap_is_tried_until_it_comes(Exception failure)
    {
        var api = new ScriptedTransport
        {
            Lists = [Page("1", "a"), failure, failure, Page("7", "b")],
            Watches = [[Refusal(HttpStatusCode.Gone)], [Event("c", "8")]],
        };

        Assert.Equal(["all a", "all b", "c"], await SeenAsync(api, 3));
    }

    [Fact]
    public async Task A_first_list_that_fails_is_reported()
    {
        var api = new ScriptedTransport { Lists = [new HttpRequestException("refused")] };

        await Assert.ThrowsAsync<HttpRequestException>(() => SeenAsync(api, 1));
    }

    [Fact]
    public async Task A_watch_that_is_refused_is_reported()
    {
        var api = new ScriptedTransport { Lists = [Page("1", "a")], Watches = [[Refusal(HttpStatusCode.Forbidden)]] };

        await Assert.ThrowsAsync<ApiException>(() => SeenAsync(api, 2));
    }

    private static async Task<List<string>> SeenAsync(ScriptedTransport api, int count)
    {
        var clock = new FakeTimeProvider();
        using var ticking = new Timer(_ => clock.Advance(TimeSpan.FromSeconds(1)), null, 0, 1);
        var seen = new List<string>();
        await foreach (var news in new ClusterFollower(api, clock)
            .FollowAsync<V1Pod>(Kind, "acme", null, TestContext.Current.CancellationToken))
        {
            seen.Add(news.All is { } all
                ? $"all {string.Join(' ', all.Select(pod => pod.Metadata.Name))}"
                : news.Object!.Metadata.Name);
            if (seen.Count == count)
            {
                break;
            }
        }

        return seen;
    }

    private static ApiException Refusal(HttpStatusCode code) => new(new(code, code.ToString(), "no"));

    private static string Page(string version, string pod) =>
        $$"""{"metadata": {"resourceVersion": "{{version}}"}, "items": [{"metadata": {"name": "{{pod}}"} }]}""";

    private static WatchEvent Event(string pod, string version) => new(
        WatchEventType.Added,
        JsonSerializer.SerializeToElement(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = pod, ["resourceVersion"] = version },
        }));

    /// <summary>Answers and failures in the order in which they are given.</summary>
    private sealed class ScriptedTransport : IApiTransport
    {
        private int _list;
        private int _watch;

        /// <summary>Pages as JSON, or exceptions.</summary>
        public IReadOnlyList<object> Lists { get; init; } = [];

        /// <summary>Of each watch its events, and an exception at the end unless it ends quietly.</summary>
        public IReadOnlyList<object[]> Watches { get; init; } = [];

        public List<string> WatchedFrom { get; } = [];

        public Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken) =>
            Lists[_list++] is var answer && answer is Exception failure
                ? Task.FromException<ListPage>(failure)
                : Task.FromResult(ListPage.Parse((string)answer));

        public async IAsyncEnumerable<WatchEvent> WatchAsync(
            ResourceKind kind, WatchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            WatchedFrom.Add(query.ResourceVersion);
            foreach (var step in Watches[_watch++])
            {
                await Task.Yield();
                yield return step is Exception failure ? throw failure : (WatchEvent)step;
            }
        }

        public Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<JsonObject> CreateAsync(
            ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<JsonObject> ApplyAsync(
            ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query,
            CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<JsonObject> PatchAsync(
            ResourceKind kind, ObjectKey key, PatchFormat format, JsonNode patch, WriteQuery query,
            CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(
            ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
