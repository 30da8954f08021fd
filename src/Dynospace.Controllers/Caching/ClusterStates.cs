using System.Text.Json;
using Dynospace.Planning.Facts;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

// What is kept of the objects that describe the cluster itself: nodes, network agents, Service ranges, the API server.
// Nothing that the API server accepts may throw here: one odd object must not stop the watch of its kind.

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

/// <summary>
/// What is kept of a DaemonSet: what its pods run, where they run in the nodes' own network as the agents of network plugins do; nothing of
/// any other.
/// </summary>
internal sealed record DaemonSetState(string Agent)
{
    private static readonly DaemonSetState Other = new("");

    public static DaemonSetState Decode(JsonElement element)
    {
        var found = JsonObjects.To<V1DaemonSet>(element);
        if (found.Spec?.Template?.Spec is not { HostNetwork: true } pods)
        {
            return Other;
        }

        var images = (pods.InitContainers ?? []).Concat(pods.Containers).Select(container => container.Image);
        return new DaemonSetState($"{found.Metadata.NamespaceProperty}/{found.Metadata.Name}={string.Join(',', images)}");
    }
}

/// <summary>What is kept of a ServiceCIDR: the ranges of Services' addresses, of one family or both.</summary>
internal sealed record ServiceCidrState(string Name, string Cidrs)
{
    public IEnumerable<string> CidrList => Cidrs.Split(',', StringSplitOptions.RemoveEmptyEntries);

    public static ServiceCidrState Decode(JsonElement element)
    {
        var cidrs = element.TryGetProperty("spec", out var spec) && spec.ValueKind == JsonValueKind.Object
            && spec.TryGetProperty("cidrs", out var found) && found.ValueKind == JsonValueKind.Array
                ? found.EnumerateArray().Select(cidr => cidr.GetString()).OfType<string>().Order(StringComparer.Ordinal)
                : Enumerable.Empty<string>();
        return new ServiceCidrState(element.GetProperty("metadata").GetProperty("name").GetString()!, string.Join(',', cidrs));
    }
}

/// <summary>An endpoint slice of the API server's own Service.</summary>
internal sealed record ApiServerSlice(string Name, IReadOnlyList<ApiServerAddress> Addresses)
{
    public const string Namespace = "default";

    public const string Service = "kubernetes";

    public static ApiServerSlice Decode(JsonElement element)
    {
        var slice = JsonObjects.To<V1EndpointSlice>(element);
        var addresses = (slice.Endpoints ?? []).SelectMany(endpoint => endpoint.Addresses ?? []);
        var ports = (slice.Ports ?? []).Select(port => port.Port).OfType<int>().ToList();
        return new ApiServerSlice(
            slice.Metadata.Name, [.. addresses.SelectMany(address => ports.Select(port => new ApiServerAddress(address, port)))]);
    }

    /// <summary>By the addresses themselves, not by the list that holds them.</summary>
    public bool Equals(ApiServerSlice? other) => other is not null && Name == other.Name && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
