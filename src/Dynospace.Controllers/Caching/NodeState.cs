using System.Text.Json;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

/// <summary>What is kept of a node: whatever the policies and the placement of dynos depend on.</summary>
internal sealed record NodeState(string Name, string Addresses, string PodRanges, string Labels, string Network)
{
    private const char Separator = '\n';

    public IEnumerable<string> AddressList => Split(Addresses);

    public IEnumerable<string> PodRangeList => Split(PodRanges);

    public bool IsSimulated => Label(Api.Labels.Simulated) == "true";

    public static NodeState Decode(JsonElement element)
    {
        var node = JsonObjects.To<V1Node>(element);
        var addresses = node.Status?.Addresses?.Where(a => a.Type is "InternalIP" or "ExternalIP").Select(a => a.Address) ?? [];
        var ranges = node.Spec?.PodCIDRs ?? (node.Spec?.PodCIDR is { } one ? [one] : []);
        var labels = node.Metadata.Labels ?? new Dictionary<string, string>();
        return new NodeState(
            node.Metadata.Name, Join(addresses), Join(ranges), Join(labels.Select(label => $"{label.Key}={label.Value}")), NetworkOf(node.Status));
    }

    /// <summary>What decides whether a node enforces policies: its versions, and what its network plugin says of itself.</summary>
    private static string NetworkOf(V1NodeStatus? status)
    {
        var (info, plugin) = (status?.NodeInfo, status?.Conditions?.FirstOrDefault(condition => condition.Type == "NetworkUnavailable"));
        return $"{info?.KubeletVersion} {info?.ContainerRuntimeVersion} {info?.KernelVersion} {plugin?.Reason}";
    }

    public string? Label(string key) =>
        Split(Labels).FirstOrDefault(label => label.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..];

    /// <summary>Joined texts rather than lists give the record the equality by which an unchanged heartbeat is told from a change.</summary>
    private static string Join(IEnumerable<string> values) => string.Join(Separator, values.Order(StringComparer.Ordinal));

    private static string[] Split(string joined) => joined.Split(Separator, StringSplitOptions.RemoveEmptyEntries);
}
