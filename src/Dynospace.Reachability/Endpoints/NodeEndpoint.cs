namespace Dynospace.Reachability;

/// <summary>A node itself.</summary>
public sealed record NodeEndpoint(string Name) : Endpoint
{
    /// <inheritdoc/>
    public override string ToString() => $"node {Name}";
}
