using System.Globalization;
using System.Net;
using Dynospace.Router.Lines;
using Dynospace.Router.Logging;
using Dynospace.Router.Tests.Support;
using Dynospace.Router.Tls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Router.Tests.Lines;

/// <summary>Who reads which lines, of one pod and of several.</summary>
public sealed class LinesEndpointTests : IAsyncDisposable
{
    private readonly List<Pod> _pods = [];
    private readonly FakeAccess _access = new();
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _pods)
        {
            await pod.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("", 401)]
    [InlineData("forged", 401)]
    [InlineData("of another space", 403)]
    [InlineData("member", 200)]
    public async Task Only_who_may_read_logs_of_the_space_reads_lines(string token, int status)
    {
        var pod = await StartAsync();
        pod.Lines.Append("acme-prod", "shop", "at=info"u8);

        using var response = await pod.GetAsync("space=acme-prod&app=shop", token);

        Assert.Equal(status, (int)response.StatusCode);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(status == 200, text.Contains("at=info", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_the_API_server_does_not_answer_nobody_reads()
    {
        var pod = await StartAsync();
        _access.IsDown = true;

        using var response = await pod.GetAsync("space=acme-prod&app=shop", "member");

        Assert.Equal(503, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("app=shop", "space and app must be named")]
    [InlineData("space=acme-prod&app=shop&tail=many", "tail 'many' is not a number of lines")]
    [InlineData("space=acme-prod&app=shop&since=ever", "since 'ever' is not a time")]
    public async Task A_wrong_question_is_answered_with_what_is_right(string query, string message)
    {
        var pod = await StartAsync();

        using var response = await pod.GetAsync(query, "member");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(message, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lines_of_all_pods_come_once_and_in_the_order_of_their_times()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        one.Lines.Append("acme-prod", "shop", "first"u8);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        other.Lines.Append("acme-prod", "shop", "second"u8);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        one.Lines.Append("acme-prod", "shop", "third"u8);

        Assert.Equal(["first", "second", "third"], await one.LinesAsync("space=acme-prod&app=shop"));
        Assert.Equal(["second", "third"], await other.LinesAsync("space=acme-prod&app=shop&tail=2"));
        Assert.Empty(await one.LinesAsync("space=acme-prod&app=shop&since=2126-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task Followers_get_the_lines_of_all_pods_as_they_come_and_of_pods_that_come_later()
    {
        var one = await StartAsync();
        using var response = await one.GetAsync(
            "space=acme-prod&app=shop&follow=true&since=1970-01-01T00:00:00Z", "member");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        one.Lines.Append("acme-prod", "shop", "of one"u8);
        Assert.EndsWith(" of one", await reader.ReadLineAsync(Token).AsTask().Soon(), StringComparison.Ordinal);

        var other = await StartAsync();
        other.Lines.Append("acme-prod", "blog", "of another app"u8);
        other.Lines.Append("acme-prod", "shop", "of the other"u8);

        Assert.EndsWith(" of the other", await reader.ReadLineAsync(Token).AsTask().Soon(), StringComparison.Ordinal);
    }

    private async Task<Pod> StartAsync()
    {
        var pod = await Pod.StartAsync(_access, _pods, _clock);
        lock (_pods)
        {
            _pods.Add(pod);
        }

        return pod;
    }

    /// <summary>One pod of a router, which finds the others in a list.</summary>
    private sealed class Pod : IAsyncDisposable, ILinePeers
    {
        private static readonly HttpClient Client = new(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        });

        private readonly CancellationTokenSource _stop = new();
        private readonly List<Pod> _all;
        private LinesEndpoint _endpoint = null!;

        private Pod(List<Pod> all, TimeProvider clock) => (_all, Lines) = (all, new(clock));

        public RecentLines Lines { get; }

        /// <param name="clock">States the times of its lines.</param>
        public static async Task<Pod> StartAsync(ILineAccess access, List<Pod> all, TimeProvider clock)
        {
            var pod = new Pod(all, clock);
            var certificate = SelfSignedCertificate.Create("localhost", null, TimeProvider.System.GetUtcNow());
            pod._endpoint = await LinesEndpoint.StartAsync(
                new IPEndPoint(IPAddress.Loopback, 0), certificate.Leaf, pod.Lines, access, pod, TimeProvider.System,
                NullLoggerFactory.Instance, pod._stop.Token);
            return pod;
        }

        public Task<HttpResponseMessage> GetAsync(string query, string token)
        {
            var request = new HttpRequestMessage(
                HttpMethod.Get, $"https://127.0.0.1:{_endpoint.Port}{LineQuery.Path}?{query}");
            request.Headers.TryAddWithoutValidation(LineQuery.TokenHeader, token);
            return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token).Soon();
        }

        public async Task<IReadOnlyList<string>> LinesAsync(string query)
        {
            using var response = await GetAsync(query, "member");
            Assert.Equal(200, (int)response.StatusCode);
            return
            [
                .. (await response.Content.ReadAsStringAsync(Token))
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 4)[3]),
            ];
        }

        public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
        {
            lock (_all)
            {
                return Task.FromResult<IReadOnlyList<string>>(
                    [.. _all.Select((_, index) => index.ToString(CultureInfo.InvariantCulture))]);
            }
        }

        public Task<HttpResponseMessage> OpenAsync(string address, LineQuery query, CancellationToken cancellationToken)
        {
            lock (_all)
            {
                return _all[int.Parse(address, CultureInfo.InvariantCulture)]
                    .GetAsync(query.ToQueryString(), query.Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _endpoint.DisposeAsync();
            _stop.Dispose();
        }
    }

    private sealed class FakeAccess : ILineAccess
    {
        public bool IsDown { get; set; }

        public Task<LineVerdict> JudgeAsync(string token, string space, CancellationToken cancellationToken) =>
            Task.FromResult((token, IsDown) switch
            {
                (_, true) => LineVerdict.Unavailable,
                ("member", _) when space == "acme-prod" => LineVerdict.Allowed,
                ("member" or "of another space", _) => LineVerdict.Forbidden,
                _ => LineVerdict.Unknown,
            });
    }
}
