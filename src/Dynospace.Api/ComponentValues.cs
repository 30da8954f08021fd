namespace Dynospace.Api;

/// <summary>Values of <see cref="Labels.Component"/>.</summary>
public static class ComponentValues
{
    /// <summary>The router's public listener.</summary>
    public const string RouterPublic = "router-public";

    /// <summary>The router's internal listener.</summary>
    public const string RouterInternal = "router-internal";

    /// <summary>The space's DNS.</summary>
    public const string SpaceDns = "space-dns";

    /// <summary>A pod that proves the isolation.</summary>
    public const string Canary = "canary";
}
