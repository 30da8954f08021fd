using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Operator;
using Dynospace.Planning.Options;
using Microsoft.Extensions.Logging;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>
/// An operator that runs in this process, as its program would, and whose connection and life the test holds.
/// </summary>
internal sealed class RunningOperator : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _crashing = new();
    private readonly Task _run;
    private bool _isStopped;

    private RunningOperator(TcpProxy connection, OperatorOptions options, ILoggerFactory loggers)
    {
        Connection = connection;
        _run = Task.Run(() => RunAsync(options, loggers), CancellationToken.None);
    }

    public TcpProxy Connection { get; }

    /// <summary>Ends when the operator does; none does so by itself.</summary>
    public Task Completion => _run;

    /// <param name="identity">Its name among several, with leader election; null for one that is alone.</param>
    /// <param name="isConnected">Whether it finds its API server at once, or once the connection is restored.</param>
    /// <param name="change">What differs from the options of all tests.</param>
    public static RunningOperator Start(
        ITestCluster cluster,
        OperatorRights rights,
        ILoggerFactory loggers,
        string? identity,
        bool isConnected,
        Func<PlatformOptions, PlatformOptions>? change = null)
    {
        var connection = TcpProxy.Start(new Uri(Kubeconfigs.Read(cluster.Kubeconfig).Host));
        if (!isConnected)
        {
            connection.Cut();
        }

        var options = new OperatorOptions
        {
            Client = rights.Through(connection.Port),
            LeaderElection = identity is not null,
            Identity = identity ?? "e2e",
            HealthPort = null,
            Platform = change is null ? Platform(cluster.Traits) : change(Platform(cluster.Traits)),
        };
        return new RunningOperator(connection, options, loggers);
    }

    /// <summary>The options of all tests on such a cluster.</summary>
    public static PlatformOptions Platform(ClusterTraits traits) => new()
    {
        // Tests of what stalls do not wait four minutes.
        Cluster = new() { StallAfter = TimeSpan.FromSeconds(2) },
        Regions = new() { IsRequired = traits.Region is not null },
        // Stubborn programs are killed after the timeout; tests wait for it.
        Dynos = new()
        {
            ImagePullPolicy = traits.ImagePullPolicy,
            ShutdownTimeout = TimeSpan.FromSeconds(2),
            MinimumUpTime = TimeSpan.FromSeconds(1),
        },
        // The pods of a space are those that its test makes, but for tests of the trials.
        Isolation = new() { TrialInterval = null },
        Router = new() { Provider = traits.RunsRouters ? RouterProvider.Builtin : RouterProvider.None },
    };

    private async Task RunAsync(OperatorOptions options, ILoggerFactory loggers)
    {
        try
        {
            await new OperatorHost(options, TimeProvider.System, loggers).RunAsync(_stop.Token);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested && !_crashing.IsCancellationRequested)
        {
            loggers.CreateLogger<RunningOperator>().LogCritical(e, "The operator ended by itself");
            throw;
        }
    }

    /// <summary>Ends it as a lost machine would: what it was saying is cut off, and it releases nothing.</summary>
    public async Task CrashAsync()
    {
        await _crashing.CancelAsync();
        Connection.Cut();
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Connection.DisposeAsync();
        _stop.Dispose();
        _crashing.Dispose();
    }
}
