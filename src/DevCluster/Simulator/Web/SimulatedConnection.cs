using System.Net;
using Microsoft.AspNetCore.Connections.Features;

namespace DevCluster.Simulator.Web;

/// <summary>
/// A connection to a pod's process. When the process ends its connections close, but only after a request that was
/// already accepted is answered.
/// </summary>
internal sealed class SimulatedConnection(IPEndPoint pod, IConnectionLifetimeNotificationFeature lifetime)
{
    private readonly Lock _lock = new();
    private bool _hasServed;
    private bool _isClosing;

    public IPEndPoint Pod => pod;

    /// <summary>Accepts a request; true if the connection must close after it.</summary>
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
                // It was opened for a request that is about to arrive.
                return;
            }
        }

        lifetime.RequestClose();
    }
}
