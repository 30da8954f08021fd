namespace Dynospace.Reachability;

/// <summary>Which side of a connection a rule governs.</summary>
public enum PolicyDirection
{
    /// <summary>What the destination lets in.</summary>
    Ingress,

    /// <summary>What the source may open.</summary>
    Egress,
}
