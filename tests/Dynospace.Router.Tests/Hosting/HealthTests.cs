using System.Net;
using Dynospace.Router.Hosting;
using Dynospace.Router.Routing;
using Dynospace.Router.Tests.Support;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Router.Tests.Hosting;

/// <summary>What the kubelet and Prometheus see, from the first moment to the last.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Readiness_waits_for_routes_and_goes_before_the_last_request()
    {
        await using var cluster = await EmptyCluster.StartAsync();
        await using var router = new StartedRouter(cluster);
        await cluster.Asked.Soon();
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable),
            (await router.GetAsync("healthz"), await router.GetAsync("readyz")));
        Assert.Null(router.Host.Http);

        cluster.Open();
        await Task.WhenAny(router.Host.Ready, router.Running).Unwrap().Soon();
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.OK),
            (await router.GetAsync("healthz"), await router.GetAsync("readyz")));

        router.Stop();
        await router.UntilAsync("readyz", HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await router.GetAsync("healthz"));
        using var late = await RawClient.ConnectAsync(router.Host.Http!);
        await late.SendAsync(TestRouter.Get());
        Assert.Equal(404, (await late.ResponseAsync())!.Status);

        await router.EndAsync();
    }

    [Fact]
    public async Task A_space_that_cannot_be_read_holds_up_the_others_for_a_while_and_not_for_ever()
    {
        await using var cluster = await EmptyCluster.StartAsync("closed");
        cluster.Open();
        await using var router = new StartedRouter(cluster);

        Assert.InRange(await router.PassTimeUntilAsync(router.Host.Ready), TimeSpan.FromSeconds(30), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task Metrics_count_requests()
    {
        await using var cluster = await EmptyCluster.StartAsync();
        cluster.Open();
        await using var router = new StartedRouter(cluster);
        await Task.WhenAny(router.Host.Ready, router.Running).Unwrap().Soon();
        using var client = await RawClient.ConnectAsync(router.Host.Http!);
        await client.SendAsync(TestRouter.Get());
        await client.ResponseAsync();

        var metrics = await router.ReadAsync("metrics");

        Assert.Contains("dynospace_router_requests_total", metrics, StringComparison.Ordinal);
        Assert.Contains("dynospace_router_edge_snapshots_total", metrics, StringComparison.Ordinal);
    }

    /// <summary>A router in this process on any ports, whose lead of the drain ends when the test says.</summary>
    private sealed class StartedRouter : IAsyncDisposable
    {
        private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
        private readonly CancellationTokenSource _stop = new();
        private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

        public StartedRouter(EmptyCluster cluster)
        {
            Host = new RouterHost(
                new RouterProcessOptions
                {
                    Client = new KubernetesClientConfiguration { Host = cluster.Address },
                    Address = IPAddress.Loopback,
                    HttpPort = 0,
                    HttpsPort = 0,
                    HealthPort = 0,
                },
                new TcpDynoConnector(), Stream.Null, _clock, NullLoggerFactory.Instance);
            Running = Host.RunAsync(_stop.Token);
        }

        public RouterHost Host { get; }

        public Task Running { get; }

        public void Stop() => _stop.Cancel();

        public async Task<HttpStatusCode> GetAsync(string path)
        {
            using var response = await _client.GetAsync(Address(path)).Soon();
            return response.StatusCode;
        }

        public async Task UntilAsync(string path, HttpStatusCode expected)
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (await GetAsync(path) != expected)
            {
                await Task.Delay(10, bound.Token);
            }
        }

        public Task<string> ReadAsync(string path) => _client.GetStringAsync(Address(path)).Soon();

        /// <summary>Lets the time pass in which load balancers see that it goes.</summary>
        public async Task EndAsync()
        {
            Stop();
            await PassTimeUntilAsync(Running);
        }

        /// <summary>Lets time pass until something has come of it, and says how much did.</summary>
        public async Task<TimeSpan> PassTimeUntilAsync(Task outcome)
        {
            var started = _clock.GetTimestamp();
            using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (!outcome.IsCompleted)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                await Task.WhenAny(outcome, Task.Delay(20, bound.Token));
                bound.Token.ThrowIfCancellationRequested();
            }

            await outcome;
            return _clock.GetElapsedTime(started);
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            await Host.DisposeAsync();
            _client.Dispose();
            _stop.Dispose();
        }

        private Uri Address(string path) => new($"http://localhost:{Host.HealthPort}/{path}");
    }
}
