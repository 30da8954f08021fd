namespace Dynospace.Router.Routing;

/// <summary>Holds the current snapshot; whoever watches the cluster publishes the next.</summary>
public sealed class RoutingTable : IRoutingTable
{
    private volatile RoutingSnapshot _current = RoutingSnapshot.Empty;

    /// <inheritdoc/>
    public event EventHandler? Changed;

    /// <inheritdoc/>
    public RoutingSnapshot Current => _current;

    /// <summary>Swaps the snapshot; requests in flight keep the one that they began with.</summary>
    public void Publish(RoutingSnapshot snapshot)
    {
        _current = snapshot;
        Changed?.Invoke(this, EventArgs.Empty);
    }
}
