using System.Text.Json;
using Dynospace.Api;
using Dynospace.Runtime.Applying;

namespace Dynospace.Controllers.Caching;

/// <summary>What is kept of a Service: whose it is, its addresses, and which pods it is for. Only the operator's own keep their content.</summary>
internal sealed record ServiceState(LiveObject Live, IReadOnlyList<string> ClusterAddresses, IReadOnlyDictionary<string, string> Selector)
{
    private static readonly Dictionary<string, string> Nobody = [];

    public static ServiceState Decode(JsonElement service)
    {
        var live = LiveObject.Decode(Kinds.Service, service, keepContent: false);
        if (live.Labels.TryGetValue(Labels.ManagedBy, out var by) && by == Labels.ManagedByValue)
        {
            return new ServiceState(LiveObject.Decode(Kinds.Service, service), [], Nobody);
        }

        var spec = service.TryGetProperty("spec", out var found) ? found : default;
        return new ServiceState(live, AddressesOf(spec), SelectorOf(spec));
    }

    private static List<string> AddressesOf(JsonElement spec) =>
        Member(spec, "clusterIPs") is { ValueKind: JsonValueKind.Array } addresses
            ? [.. addresses.EnumerateArray().Select(a => a.GetString()).OfType<string>().Where(a => a.Length > 0 && a != "None")]
            : [];

    private static Dictionary<string, string> SelectorOf(JsonElement spec) =>
        Member(spec, "selector") is { ValueKind: JsonValueKind.Object } selector
            ? selector.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? "")
            : Nobody;

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;
}
