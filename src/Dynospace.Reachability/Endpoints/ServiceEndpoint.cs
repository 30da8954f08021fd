namespace Dynospace.Reachability;

/// <summary>A service, which stands for its backends.</summary>
public sealed record ServiceEndpoint(string Namespace, string Name) : Endpoint
{
    /// <inheritdoc/>
    public override string ToString() => $"service {Namespace}/{Name}";
}
