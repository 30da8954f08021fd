using System.Net;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Control;

public sealed class ControllerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryCluster _cluster = new();
    private readonly LogRecorder<Controller> _log = new();
    private readonly ScriptedReconciler _reconciler = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    [Fact]
    public async Task Every_known_object_is_reconciled_after_the_sync()
    {
        _cluster.Set("a", "1");
        var controller = Start();
        var informer = Informer();
        controller.For(informer);
        Run(controller);
        Assert.Equal(0, _reconciler.Calls);
        _running.Add(informer.RunAsync(_stop.Token));
        Assert.Equal("ns/a", await _reconciler.NextAsync(() => ReconcileResult.Done));
        _cluster.Set("b", "1");
        Assert.Equal("ns/b", await _reconciler.NextAsync(() => ReconcileResult.Done));
        _cluster.Delete("a");
        Assert.Equal("ns/a", await _reconciler.NextAsync(() => ReconcileResult.Done));
    }

    [Fact]
    public async Task Change_of_another_kind_concerns_the_owner_before_and_after()
    {
        _cluster.Set("child", "mother");
        var informer = Informer();
        var controller = Start().Watches(informer, (old, @new) =>
            new[] { old, @new }.OfType<V1ConfigMap>().Select(m => ObjectKey.ClusterScoped(m.Data["value"])));
        Run(controller);
        _running.Add(informer.RunAsync(_stop.Token));
        Assert.Equal("mother", await _reconciler.NextAsync(() => ReconcileResult.Done));
        _cluster.Set("child", "stepmother");
        Assert.Equal(
            ["mother", "stepmother"],
            new[]
            {
                await _reconciler.NextAsync(() => ReconcileResult.Done),
                await _reconciler.NextAsync(() => ReconcileResult.Done),
            }.Order());
    }

    [Fact]
    public async Task Recheck_comes_after_its_delay()
    {
        Run(Enqueued("a"));
        await _reconciler.NextAsync(() => ReconcileResult.After(TimeSpan.FromMinutes(5)));
        await AdvanceUntilCalledAsync(TimeSpan.FromMinutes(5), calls: 2);
    }

    [Theory]
    [InlineData("transient", LogLevel.Debug, "will be tried again")]
    [InlineData("expected", LogLevel.Information, "will be tried again")]
    [InlineData("defect", LogLevel.Error, "defect")]
    [InlineData("refused", LogLevel.Warning, "will be tried again")]
    public async Task Failure_is_logged_and_repeated_with_back_off(string kind, LogLevel level, string text)
    {
        using var metrics = new MetricRecorder();
        Run(Enqueued("a", name: kind));
        await _reconciler.NextAsync(() => throw Failure(kind));
        await _log.WaitForAsync(level, text);
        await AdvanceUntilCalledAsync(TimeSpan.FromMilliseconds(5), calls: 2);
        Assert.Equal(1, metrics.Sum(RuntimeMetrics.ReconcileErrors, $"controller={kind}"));
    }

    [Theory]
    [InlineData("quota", 250)]
    [InlineData("invalid", 15_000)]
    public async Task Refusals_are_repeated_each_at_its_own_pace(string kind, int milliseconds)
    {
        Run(Enqueued("a", name: kind));
        await _reconciler.NextAsync(() => throw Failure(kind));
        await _log.WaitForAsync(LogLevel.Debug, "will be tried again");
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.Equal(1, _reconciler.Calls);
        await AdvanceUntilCalledAsync(TimeSpan.FromMilliseconds(1), calls: 2);
    }

    [Fact]
    public async Task Wait_that_the_server_asks_for_is_kept()
    {
        Run(Enqueued("a"));
        await _reconciler.NextAsync(() => throw new RetryableReconcileException(
            new ObjectKey(null, "a"), "busy")
        { RetryAfter = TimeSpan.FromSeconds(9) });
        await _log.WaitForAsync(LogLevel.Information, "will be tried again");
        _clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(1, _reconciler.Calls);
        await AdvanceUntilCalledAsync(TimeSpan.FromSeconds(1), calls: 2);
    }

    [Fact]
    public async Task Reconcile_that_hangs_is_cancelled_and_repeated()
    {
        Run(Enqueued("a"));
        await _reconciler.HangNextAsync();
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _log.WaitForAsync(LogLevel.Warning, "took longer");
        await AdvanceUntilCalledAsync(TimeSpan.FromMilliseconds(5), calls: 2);
    }

    [Fact]
    public async Task Success_ends_the_back_off()
    {
        var controller = Enqueued("a");
        Run(controller);
        for (var i = 0; i < 3; i++)
        {
            await _reconciler.NextAsync(() => throw Failure("expected"));
            await _log.WaitForAsync(LogLevel.Information, $"(failure {i + 1})");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        await _reconciler.NextAsync(() => ReconcileResult.Done);
        controller.Enqueue(ObjectKey.ClusterScoped("a"));
        await _reconciler.NextAsync(() => throw Failure("expected"));
        await _log.WaitForAsync(LogLevel.Information, "(failure 1)");
    }

    [Fact]
    public async Task Interrupted_reconcile_is_the_first_when_the_controller_runs_again()
    {
        var controller = Enqueued("a");
        using var first = new CancellationTokenSource();
        var running = controller.RunAsync(first.Token);
        await _reconciler.HangNextAsync();
        await first.CancelAsync();
        await running.WaitAsync(TestContext.Current.CancellationToken);
        Run(controller);
        Assert.Equal("a", await _reconciler.NextAsync(() => ReconcileResult.Done));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _reconciler.ReleaseAll();
        await Task.WhenAll(_running);
        _stop.Dispose();
    }

    private static Exception Failure(string kind) => kind switch
    {
        "transient" => Failure(FailureClass.Transient, "Conflict"),
        "quota" => Failure(FailureClass.MayPass, "Forbidden"),
        "invalid" => Failure(FailureClass.Permanent, "Invalid"),
        "expected" => new RetryableReconcileException(new ObjectKey(null, "a"), "not yet"),
        "refused" => new ApiException(new ApiStatus(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "later")),
        _ => new InvalidOperationException("null was not expected"),
    };

    private static RetryableReconcileException Failure(FailureClass kind, string reason) => new(
        new ObjectKey(null, "a"),
        new ApplyFailure(new ObjectReference(Objects.ConfigMaps, new ObjectKey("ns", "x")), kind, reason, "again"));

    private Controller Start(string name = "test") =>
        new(name, _reconciler, new ControllerOptions { Workers = 2 }, _clock, _log);

    private Controller Enqueued(string key, string name = "test")
    {
        var controller = Start(name);
        controller.Enqueue(ObjectKey.ClusterScoped(key));
        return controller;
    }

    private Informer<V1ConfigMap> Informer() => new(
        _cluster,
        Objects.ConfigMaps,
        new InformerOptions<V1ConfigMap>(),
        TimeProvider.System,
        NullLogger<Informer<V1ConfigMap>>.Instance);

    private void Run(Controller controller) => _running.Add(controller.RunAsync(_stop.Token));

    /// <summary>
    /// The worker files the key after the reconcile returned, which the test cannot see: time goes on in steps of the
    /// delay until the key is back.
    /// </summary>
    private async Task AdvanceUntilCalledAsync(TimeSpan delay, int calls)
    {
        while (_reconciler.Calls < calls)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _clock.Advance(delay);
            await Task.Yield();
        }

        Assert.Equal("a", await _reconciler.NextAsync(() => ReconcileResult.Done));
    }
}
