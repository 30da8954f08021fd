namespace Dynospace.Router.Serving;

/// <summary>Whether the router is about to end.</summary>
internal sealed class RouterDrain
{
    private volatile bool _isDraining;

    public RouterDrain() => IsDraining = () => _isDraining;

    public Func<bool> IsDraining { get; }

    public void Begin() => _isDraining = true;
}
