using System.Net;
using Microsoft.AspNetCore.Connections.Features;

namespace DevCluster.Simulator.Web;

/// <summary>
/// A connection to a pod's process. When the process ends its connections close, but not before a request that was
/// taken is answered: a page is too quick a thing to be interrupted for the sake of truth.
/// </summary>
internal sealed class SimulatedConnection(IPEndPoint pod, IConnectionLifetimeNotificationFeature lifetime)
{
    private readonly Lock _lock = new();
    private bool _hasServed;
    private bool _isClosing;

    public IPEndPoint Pod => pod;

    /// <summary>Takes a request; true when the connection is to be closed after it.</summary>
    public bool Take()
    {
        lock (_lock)
        {
            _hasServed = true;
            return _isClosing;
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _isClosing = true;
            if (!_hasServed)
            {
                // It was opened for a request that is on its way.
                return;
            }
        }

        lifetime.RequestClose();
    }
}
