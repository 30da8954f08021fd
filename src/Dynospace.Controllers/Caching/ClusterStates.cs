using System.Globalization;
using System.Text.Json;
using Dynospace.Api.Egress;
using Dynospace.Planning.Facts;
using Dynospace.Runtime;
using k8s;

namespace Dynospace.Controllers.Caching;

// What is kept of the objects that describe the cluster itself: nodes, network agents, Service ranges, the API server.
// Nothing that the API server accepts may throw here: one odd object must not stop the watch of its kind.

/// <summary>The facts of a node that policies and the placement of dynos depend on.</summary>
public sealed record NodeState(string Name, string Addresses, string PodRanges, string Labels, string Network)
{
    private const char Separator = '\n';

    /// <summary>Taints that autoscalers put on a node before they remove it.</summary>
    private static readonly string?[] DrainTaints = ["ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted"];

    /// <summary>Whether the node takes no new pods because it is being drained or removed.</summary>
    public bool IsCordoned { get; init; }

    /// <summary>The addresses by which other nodes reach it, joined.</summary>
    public string InternalAddresses { get; init; } = "";

    /// <summary>The fixed IPs that its annotation names, joined.</summary>
    public string EgressIPs { get; init; } = "";

    public IEnumerable<string> AddressList => Split(Addresses);

    public IEnumerable<string> InternalAddressList => Split(InternalAddresses);

    public IEnumerable<string> EgressIPList =>
        EgressIPs.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IEnumerable<string> PodRangeList => Split(PodRanges);

    public bool IsSimulated => Label(Api.Labels.Simulated) == "true";

    public static NodeState Decode(JsonElement node)
    {
        var (spec, status, metadata) =
            (JsonMembers.Member(
                node, "spec"), JsonMembers.Member(node, "status"), JsonMembers.Member(node, "metadata"));
        var addresses = JsonMembers.Items(status, "addresses")
            .Where(address => JsonMembers.Text(address, "type") is "InternalIP" or "ExternalIP")
            .Select(address => JsonMembers.Text(address, "address")).OfType<string>();
        var ranges = JsonMembers.Items(spec, "podCIDRs")
            .Select(range => range.GetString())
            .Append(JsonMembers.Text(spec, "podCIDR"))
            .OfType<string>();
        var labels = JsonMembers.Entries(metadata, "labels").Select(label => $"{label.Name}={label.Value}");
        return new NodeState(
            JsonMembers.Text(metadata, "name") ?? "",
            Join(addresses),
            Join(ranges.Distinct()),
            Join(labels),
            NetworkOf(status))
        {
            // In the node's order: the first address is the preferred one.
            InternalAddresses = string.Join(
                Separator,
                JsonMembers.Items(status, "addresses")
                    .Where(address => JsonMembers.Text(address, "type") == "InternalIP")
                    .Select(address => JsonMembers.Text(address, "address"))),
            EgressIPs = JsonMembers.Text(JsonMembers.Member(metadata, "annotations"), Api.Annotations.EgressIPs) ?? "",
            IsCordoned = JsonMembers.Member(spec, "unschedulable").ValueKind == JsonValueKind.True
                || JsonMembers.Items(spec, "taints").Any(taint => DrainTaints.Contains(JsonMembers.Text(taint, "key"))),
        };
    }

    /// <summary>
    /// What decides whether a node enforces policies: its versions, and what its network plugin reports.
    /// </summary>
    private static string NetworkOf(JsonElement status)
    {
        var info = JsonMembers.Member(status, "nodeInfo");
        var plugin = JsonMembers.Items(status, "conditions")
            .FirstOrDefault(condition => JsonMembers.Text(condition, "type") == "NetworkUnavailable");
        return $"{JsonMembers.Text(info, "kubeletVersion")} {JsonMembers.Text(info, "containerRuntimeVersion")} "
            + $"{JsonMembers.Text(info, "kernelVersion")} {JsonMembers.Text(plugin, "reason")}";
    }

    public string? Label(string key) =>
        Split(
            Labels).FirstOrDefault(label => label.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..];

    /// <summary>
    /// Joined texts rather than lists give the record the equality that distinguishes an unchanged heartbeat from
    /// a change.
    /// </summary>
    private static string Join(IEnumerable<string> values) =>
        string.Join(Separator, values.Order(StringComparer.Ordinal));

    private static string[] Split(string joined) => joined.Split(Separator, StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>
/// What is kept of a DaemonSet: what its pods run, where they run in the nodes' own network as the agents of network
/// plugins do; nothing of any other.
/// </summary>
/// <param name="Agent">What its pods run; empty for one that is not an agent of the network.</param>
/// <param name="DnsAddresses">Where a node-local DNS cache listens, joined; empty for any other.</param>
public sealed record DaemonSetState(string Agent, string DnsAddresses = "")
{
    private const string NodeLocalDns = "node-local-dns";

    private static readonly DaemonSetState Other = new("");

    public IEnumerable<string> DnsAddressList =>
        DnsAddresses.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public static DaemonSetState Decode(JsonElement set)
    {
        var metadata = JsonMembers.Member(set, "metadata");
        var pods = JsonMembers.Member(JsonMembers.Member(JsonMembers.Member(set, "spec"), "template"), "spec");
        if (JsonMembers.Member(pods, "hostNetwork").ValueKind != JsonValueKind.True)
        {
            return Other;
        }

        var (ns, name) = (JsonMembers.Text(metadata, "namespace"), JsonMembers.Text(metadata, "name"));
        var containers = JsonMembers.Items(pods, "initContainers")
            .Concat(JsonMembers.Items(pods, "containers"))
            .ToList();
        return new DaemonSetState(
            $"{ns}/{name}={string.Join(',', containers.Select(container => JsonMembers.Text(container, "image")))}",
            name == NodeLocalDns ? string.Join(',', containers.SelectMany(LocalAddresses)) : "");
    }

    /// <summary>The cache's argument <c>-localip</c> lists the addresses on which it listens.</summary>
    private static IEnumerable<string> LocalAddresses(JsonElement container)
    {
        List<string?> arguments = [.. JsonMembers.Items(container, "args").Select(argument => argument.GetString())];
        var at = arguments.FindIndex(argument => argument is "-localip" or "--localip");
        return at >= 0 && at + 1 < arguments.Count && arguments[at + 1] is { } addresses ? [addresses] : [];
    }
}

/// <summary>What is kept of a ServiceCIDR: the ranges of Services' addresses, of one family or both.</summary>
public sealed record ServiceCidrState(string Name, string Cidrs)
{
    public IEnumerable<string> CidrList => Cidrs.Split(',', StringSplitOptions.RemoveEmptyEntries);

    public static ServiceCidrState Decode(JsonElement element)
    {
        var cidrs = JsonMembers.Items(JsonMembers.Member(element, "spec"), "cidrs")
            .Select(cidr => cidr.GetString())
            .OfType<string>()
            .Order(StringComparer.Ordinal);
        return new ServiceCidrState(
            JsonMembers.Text(JsonMembers.Member(element, "metadata"), "name") ?? "", string.Join(',', cidrs));
    }
}

/// <summary>What is kept of the NodeNetwork of a node's agent.</summary>
/// <param name="Name">The node.</param>
/// <param name="Block">The range that it has claimed for the dynos of its node; null for none.</param>
public sealed record NodeNetworkState(string Name, string? Block)
{
    /// <summary>What it reports of fixed IPs.</summary>
    public EgressReport Egress { get; init; } = EgressReport.None;

    public static NodeNetworkState Decode(JsonElement element)
    {
        var metadata = JsonMembers.Member(element, "metadata");
        return new(
            JsonMembers.Text(metadata, "name") ?? "", JsonMembers.Text(JsonMembers.Member(element, "spec"), "block"))
        {
            Egress = EgressReport.Decode(
                JsonMembers.Member(JsonMembers.Member(element, "status"), "egress"),
                JsonMembers.Text(metadata, "resourceVersion")),
        };
    }
}

/// <summary>What the agent of a node reports of fixed IPs. Reports are equal if their text is.</summary>
/// <param name="Content">The report; null for none, or for one that cannot be read.</param>
/// <param name="Text">The same as JSON; empty for none.</param>
public sealed record EgressReport(NodeEgress? Content, string Text)
{
    public static EgressReport None { get; } = new(null, "");

    /// <summary>Higher in the more recent of two reports, also across nodes.</summary>
    public long Version { get; init; }

    public static EgressReport Decode(JsonElement egress, string? version) =>
        egress.ValueKind != JsonValueKind.Object
            ? None
            : new(Read(egress), egress.GetRawText())
            {
                Version = long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : 0,
            };

    /// <summary>An invalid report counts as none: it must not stop the watch.</summary>
    private static NodeEgress? Read(JsonElement egress)
    {
        try
        {
            return KubernetesJson.Deserialize<NodeEgress>(egress);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public bool Equals(EgressReport? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>An endpoint slice of the API server's own Service.</summary>
public sealed record ApiServerSlice(string Name, IReadOnlyList<ApiServerAddress> Addresses)
{
    public const string Namespace = "default";

    public const string Service = "kubernetes";

    public static ApiServerSlice Decode(JsonElement element)
    {
        var addresses = JsonMembers.Items(element, "endpoints")
            .SelectMany(endpoint => JsonMembers.Items(endpoint, "addresses"))
            .Select(address => address.GetString())
            .OfType<string>();
        var ports = JsonMembers.Items(element, "ports")
            .Select(port => JsonMembers.Number(port, "port"))
            .OfType<int>()
            .ToList();
        return new ApiServerSlice(
            JsonMembers.Text(JsonMembers.Member(element, "metadata"), "name") ?? "",
            [.. addresses.SelectMany(address => ports.Select(port => new ApiServerAddress(address, port)))]);
    }

    /// <summary>Compares the addresses, not the list objects.</summary>
    public bool Equals(ApiServerSlice? other) =>
        other is not null && Name == other.Name && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
