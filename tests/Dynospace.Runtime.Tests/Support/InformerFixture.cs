using System.Threading.Channels;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>An informer of config maps over real sockets, with short times.</summary>
internal sealed class InformerFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<ObjectChange<V1ConfigMap>> _changes = Channel.CreateUnbounded<ObjectChange<V1ConfigMap>>();
    private readonly Channel<bool> _served = Channel.CreateUnbounded<bool>();
    private readonly Task _running;

    private InformerFixture(int port, InformerOptions<V1ConfigMap> options, TimeProvider clock)
    {
        Informer = new Informer<V1ConfigMap>(
            new ApiTransport(ScriptedApiServer.ClientOf(port), new ApiTransportOptions(), TimeProvider.System),
            Objects.ConfigMaps,
            options,
            clock,
            Log);
        Informer.AddHandler(change => _changes.Writer.TryWrite(change));
        Informer.AddServedHandler(() => _served.Writer.TryWrite(true));
        _running = Task.Run(() => Informer.RunAsync(_stop.Token));
    }

    public static InformerTiming Quick { get; } = new()
    {
        ShortestWatch = TimeSpan.Zero,
        InitialBackoff = TimeSpan.FromMilliseconds(1),
        MaximumBackoff = TimeSpan.FromMilliseconds(10),
    };

    public Informer<V1ConfigMap> Informer { get; }

    public LogRecorder<Informer<V1ConfigMap>> Log { get; } = new();

    public IStore<V1ConfigMap> Store => Informer.Store;

    public Task Running => _running;

    public static InformerFixture Start(
        int port, InformerOptions<V1ConfigMap>? options = null, TimeProvider? clock = null) =>
        new(port, options ?? new InformerOptions<V1ConfigMap> { Timing = Quick }, clock ?? TimeProvider.System);

    /// <summary>Starts, answers the first list and returns the opened first watch.</summary>
    public static async Task<(InformerFixture Fixture, ScriptedRequest Watch)> WatchingAsync(
        ScriptedApiServer server, string version, params System.Text.Json.Nodes.JsonObject[] items)
    {
        var fixture = Start(server.Port);
        await (await server.NextListAsync()).AnswerAsync(Objects.List(version, items));
        await fixture.Informer.WaitForSyncAsync(TestContext.Current.CancellationToken);
        foreach (var _ in items)
        {
            await fixture.NextChangeAsync();
        }

        return (fixture, await (await server.NextWatchAsync(version)).OpenAsync());
    }

    public ValueTask<ObjectChange<V1ConfigMap>> NextChangeAsync() =>
        _changes.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits until the kind came or went.</summary>
    public async Task ServedChangedAsync() => await _served.Reader.ReadAsync(
        TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>The next change as "name: old -> new".</summary>
    public async Task<string> NextChangeTextAsync()
    {
        var change = await NextChangeAsync();
        return $"{change.Key.Name}: {Value(change.Old)} -> {Value(change.New)}";
    }

    public bool HasChange => _changes.Reader.TryPeek(out _);

    public string Names => string.Join(' ', Store.List().Select(m => m.Metadata.Name).Order());

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private static string Value(V1ConfigMap? map) => map is null ? "none" : map.Data?["value"] ?? "";
}
