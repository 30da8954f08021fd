using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Tls;

/// <summary>Watches one Secret by its name, which is all that a router is allowed of Secrets.</summary>
internal sealed class SecretWatch : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Informer<TlsSecretState> _informer;

    public SecretWatch(
        IApiTransport transport, ObjectKey key, Action<ObjectKey> changed, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _informer = new Informer<TlsSecretState>(
            transport,
            ResourceKind.For<V1Secret>(),
            new InformerOptions<TlsSecretState>
            {
                Decode = TlsSecretReader.Read,
                Namespace = key.Namespace,
                FieldSelector = $"metadata.name={key.Name}",
            },
            clock,
            loggers.CreateLogger<Informer<TlsSecretState>>());
        _informer.AddHandler(_ => changed(key));
        Key = key;
        Running = RunAsync(changed);
    }

    public ObjectKey Key { get; }

    /// <summary>Ends after <see cref="Dispose"/>.</summary>
    public Task Running { get; }

    public bool HasSynced => _informer.HasSynced;

    public TlsSecretState? Current => _informer.Store.Get(Key);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _informer.WaitForSyncAsync(cancellationToken);

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(Action<ObjectKey> changed)
    {
        var running = _informer.RunAsync(_stop.Token);
        if (await Task.WhenAny(running, _informer.WaitForSyncAsync(_stop.Token)) != running)
        {
            // A Secret that is not there is no change of anything, so nobody else would tell.
            changed(Key);
        }

        await running;
    }
}
