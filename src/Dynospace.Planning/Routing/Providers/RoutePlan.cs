namespace Dynospace.Planning.Routing.Providers;

/// <summary>What an app's requests need of the cluster's own programs. Whatever else the app has of these kinds goes.</summary>
public sealed record RoutePlan
{
    /// <summary>Nothing.</summary>
    public static RoutePlan None { get; } = new();

    /// <summary>Who may send requests: in place before the routes, which do not stand without them.</summary>
    public IReadOnlyList<ProviderObject> Fences { get; init; } = [];

    /// <summary>The routes.</summary>
    public IReadOnlyList<ProviderObject> Routes { get; init; } = [];

    /// <summary>The certificates to order.</summary>
    public IReadOnlyList<ProviderObject> Certificates { get; init; } = [];

    /// <summary>Why there are no routes though there shall be; null for none.</summary>
    public Problem? Withheld { get; init; }

    /// <summary>What the provider cannot do of what the spec asks, and does no harm; null for nothing.</summary>
    public string? Note { get; init; }
}
