using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Leadership;
using Dynospace.Runtime.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Runtime.Tests.Control;

public sealed class ControllerHostTests
{
    private readonly MemoryCluster _cluster = new();

    [Fact]
    public async Task Host_runs_what_its_controllers_need_and_ends_on_cancellation()
    {
        _cluster.Set("a", "1");
        var reconciled = new TaskCompletionSource<ObjectKey>();
        var informer = Informer();
        var controller = Controller(new Reconciler(key => reconciled.TrySetResult(key))).For(informer);
        var host = new ControllerHost([], [controller], null, NullLogger<ControllerHost>.Instance);
        using var stop = new CancellationTokenSource();
        Assert.False(host.IsReady);
        var running = host.RunAsync(stop.Token);
        Assert.Equal(new ObjectKey("ns", "a"), await reconciled.Task.WaitAsync(TestContext.Current.CancellationToken));
        Assert.True(host.IsReady);
        await stop.CancelAsync();
        await running.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Failure_of_one_part_ends_all_and_is_thrown()
    {
        var other = new BrokenInformer(fails: false);
        var host = new ControllerHost(
            [new BrokenInformer(fails: true), other], [], null, NullLogger<ControllerHost>.Instance);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.RunAsync(CancellationToken.None).WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal("broken", error.Message);
        Assert.True(other.WasCancelled);
    }

    [Fact]
    public async Task Controllers_run_only_while_leading_and_informers_always()
    {
        var leadership = new ScriptedLeadership();
        var calls = new System.Collections.Concurrent.ConcurrentQueue<ObjectKey>();
        var reconciled = new SemaphoreSlim(0);
        var informer = Informer();
        var controller = Controller(new Reconciler(key =>
        {
            calls.Enqueue(key);
            reconciled.Release();
        })).For(informer);
        var host = new ControllerHost([], [controller], leadership, NullLogger<ControllerHost>.Instance);
        using var stop = new CancellationTokenSource();
        var running = host.RunAsync(stop.Token);
        await informer.WaitForSyncAsync(TestContext.Current.CancellationToken);
        _cluster.Set("a", "1");
        Assert.Empty(calls);
        Assert.False(host.IsLeader);

        await leadership.GainAsync();
        await reconciled.WaitAsync(TestContext.Current.CancellationToken);
        await leadership.LoseAsync();
        _cluster.Set("b", "1");
        await leadership.GainAsync();
        await reconciled.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["ns/a", "ns/b"], calls.Select(k => k.ToString()));
        await leadership.LoseAsync();
        await stop.CancelAsync();
        await running.WaitAsync(TestContext.Current.CancellationToken);
    }

    private static Controller Controller(IReconciler reconciler) =>
        new("host-test", reconciler, new ControllerOptions(), TimeProvider.System, NullLogger<Controller>.Instance);

    private Informer<V1ConfigMap> Informer() => new(
        _cluster,
        Objects.ConfigMaps,
        new InformerOptions<V1ConfigMap>(),
        TimeProvider.System,
        NullLogger<Informer<V1ConfigMap>>.Instance);

    private sealed class Reconciler(Action<ObjectKey> reconcile) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            reconcile(key);
            return Task.FromResult(ReconcileResult.Done);
        }
    }

    private sealed class BrokenInformer(bool fails) : IInformer
    {
        public ResourceKind Kind => Objects.ConfigMaps;

        public bool HasSynced => false;

        public bool IsServed => true;

        public bool WasCancelled { get; private set; }

        public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            if (fails)
            {
                throw new InvalidOperationException("broken");
            }

            await Task.Delay(
                Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            WasCancelled = cancellationToken.IsCancellationRequested;
        }
    }

    private sealed class ScriptedLeadership : ILeadership
    {
        private readonly TaskCompletionSource<(Func<CancellationToken, Task> Work, CancellationToken Token)> _asked =
            new();
        private CancellationTokenSource? _leading;
        private Task? _work;

        public bool IsLeader => _leading is not null;

        public async Task RunAsync(Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken)
        {
            _asked.SetResult((whileLeading, cancellationToken));
            await Task.Delay(
                Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public async Task GainAsync()
        {
            var (work, token) = await _asked.Task.WaitAsync(TestContext.Current.CancellationToken);
            _leading = CancellationTokenSource.CreateLinkedTokenSource(token);
            _work = work(_leading.Token);
        }

        public async Task LoseAsync()
        {
            await _leading!.CancelAsync();
            await _work!.WaitAsync(TestContext.Current.CancellationToken);
            _leading = null;
        }
    }
}
