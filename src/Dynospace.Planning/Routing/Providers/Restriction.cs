using System.Text.Json.Nodes;

namespace Dynospace.Planning.Routing.Providers;

/// <summary>How an implementation is told who may send requests.</summary>
internal sealed record Restriction
{
    /// <summary>The object that says it; null where the route does.</summary>
    public ProviderObject? Object { get; init; }

    /// <summary>What names that object in each rule of an HTTPRoute; null where it names the route instead.</summary>
    public JsonObject? Filter { get; init; }

    /// <summary>What says it, or names that object, on an Ingress.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
