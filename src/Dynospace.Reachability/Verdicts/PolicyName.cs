namespace Dynospace.Reachability;

/// <summary>A NetworkPolicy by name.</summary>
public sealed record PolicyName(string Namespace, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
