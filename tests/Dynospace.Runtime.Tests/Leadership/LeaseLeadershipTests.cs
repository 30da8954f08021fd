using System.Net;
using Dynospace.Runtime.Leadership;
using k8s.Autorest;
using k8s.LeaderElection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Runtime.Tests.Leadership;

/// <summary>
/// The elector's clock is the machine's, so that times are short; what is asserted are orders, never durations.
/// </summary>
public sealed class LeaseLeadershipTests : IAsyncDisposable
{
    private readonly LeaseServer _server = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_leads_and_the_next_follows_when_it_stops()
    {
        await using var first = Start("first");
        await first.LeadsAsync();
        Assert.True(first.Leadership.IsLeader);
        Assert.Equal("first", _server.Holder);
        await using var second = Start("second");
        await first.StopAsync();
        await second.LeadsAsync();
        Assert.False(first.Leadership.IsLeader);
        Assert.Equal("second", _server.Holder);
        Assert.Equal(1, first.Times);
        await second.StopAsync();
        Assert.Null(_server.Holder);
        Assert.Empty(_server.Problems);
    }

    [Fact]
    public async Task Lease_that_another_client_released_is_taken()
    {
        _server.Put("""{"holderIdentity":null,"leaseDurationSeconds":1,"leaseTransitions":4}""");
        await using var process = Start("process");
        await process.LeadsAsync();
        Assert.Equal("process", _server.Holder);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Leadership_that_cannot_be_renewed_ends_and_comes_back(bool cut)
    {
        await using var process = Start("process");
        await process.LeadsAsync();
        _server.CutConnections = cut;
        _server.RefuseWith = cut ? null : 503;
        await process.EndedAsync();
        Assert.False(process.Leadership.IsLeader);
        _server.CutConnections = false;
        _server.RefuseWith = null;
        await process.LeadsAsync();
        Assert.True(process.Leadership.IsLeader);
    }

    [Fact]
    public async Task Server_that_is_not_there_yet_is_waited_for()
    {
        _server.CutConnections = true;
        await using var process = Start("process");
        Assert.False(process.Leadership.IsLeader);
        _server.CutConnections = false;
        await process.LeadsAsync();
    }

    [Fact]
    public async Task Failure_of_the_work_is_thrown_and_the_lease_released()
    {
        var leadership = Leadership("process");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => leadership.RunAsync(_ =>
                throw new InvalidOperationException("broken"), Cancelled).WaitAsync(Cancelled));
        Assert.Equal("broken", error.Message);
        Assert.Null(_server.Holder);
        Assert.False(leadership.IsLeader);
    }

    [Fact]
    public async Task Work_that_ends_by_itself_ends_the_leadership()
    {
        await Leadership("process").RunAsync(_ => Task.CompletedTask, Cancelled).WaitAsync(Cancelled);
        Assert.Null(_server.Holder);
    }

    [Fact]
    public async Task Lock_turns_a_lost_connection_into_another_try()
    {
        var tolerant = new TolerantLock(new BrokenLock());
        var error = await Assert.ThrowsAsync<HttpOperationException>(() => tolerant.GetAsync(Cancelled));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, error.Response.StatusCode);
        Assert.False(await tolerant.CreateAsync(new LeaderElectionRecord(), Cancelled));
        Assert.False(await tolerant.UpdateAsync(new LeaderElectionRecord(), Cancelled));
    }

    [Fact]
    public async Task Lock_never_writes_a_time_without_a_fraction()
    {
        var record =
            new LeaderElectionRecord { AcquireTime = DateTime.UnixEpoch, RenewTime = DateTime.UnixEpoch.AddSeconds(9) };
        await new TolerantLock(new BrokenLock()).UpdateAsync(record, Cancelled);
        Assert.NotEqual(0, record.AcquireTime!.Value.Ticks % TimeSpan.TicksPerSecond);
        Assert.NotEqual(0, record.RenewTime!.Value.Ticks % TimeSpan.TicksPerSecond);
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private LeaseLeadership Leadership(string identity) => new(
        _server.Client(),
        new LeadershipOptions
        {
            Namespace = "sys",
            Name = "op",
            Identity = identity,
            LeaseDuration = TimeSpan.FromSeconds(1.5),
            RenewDeadline = TimeSpan.FromSeconds(1),
            RetryPeriod = TimeSpan.FromMilliseconds(50),
        },
        TimeProvider.System,
        NullLogger<LeaseLeadership>.Instance);

    private Candidate Start(string identity) => new(Leadership(identity));

    private sealed class Candidate : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly SemaphoreSlim _led = new(0);
        private readonly SemaphoreSlim _ended = new(0);
        private readonly Task _running;

        public Candidate(LeaseLeadership leadership)
        {
            Leadership = leadership;
            _running = Task.Run(() => leadership.RunAsync(LeadAsync, _stop.Token));
        }

        public LeaseLeadership Leadership { get; }

        public int Times { get; private set; }

        public Task LeadsAsync() => _led.WaitAsync(Cancelled);

        public Task EndedAsync() => _ended.WaitAsync(Cancelled);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(Cancelled);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        private async Task LeadAsync(CancellationToken cancellationToken)
        {
            Times++;
            _led.Release();
            await Task.Delay(
                Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ended.Release();
        }
    }

    private sealed class BrokenLock : ILock
    {
        public string Identity => "me";

        public string Describe() => "sys/op";

        public Task<LeaderElectionRecord> GetAsync(CancellationToken cancellationToken) =>
            throw new HttpRequestException("refused");

        public Task<bool> CreateAsync(LeaderElectionRecord record, CancellationToken cancellationToken) =>
            throw new IOException("cut");

        public Task<bool> UpdateAsync(LeaderElectionRecord record, CancellationToken cancellationToken) =>
            throw new HttpRequestException("refused");
    }
}
