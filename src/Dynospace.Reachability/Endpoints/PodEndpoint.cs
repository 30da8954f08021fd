namespace Dynospace.Reachability;

/// <summary>A pod. One on the host network stands for its node.</summary>
public sealed record PodEndpoint(string Namespace, string Name) : Endpoint
{
    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
