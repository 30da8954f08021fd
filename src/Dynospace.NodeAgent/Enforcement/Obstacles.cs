using System.Net;
using System.Text.Json;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Networks;
using k8s.Models;

namespace Dynospace.NodeAgent.Enforcement;

/// <summary>Reasons not to enforce policies on this node.</summary>
internal static class Obstacles
{
    /// <summary>
    /// Prefixes of the chains and tables of other enforcers, some of which have no pod, such as that of k3s.
    /// </summary>
    private static readonly (string Prefix, string Network)[] Chains =
    [
        ("cali-", "Calico"),
        ("CILIUM_", "Cilium"),
        ("ANTREA-", "Antrea"),
        ("KUBE-ROUTER-", "kube-router"),
        ("KUBE-POD-FW-", "kube-router"),
        ("KUBE-NWPLCY-", "kube-router"),
        ("WEAVE-NPC", "Weave Net"),
        ("AZURE-NPM", "Azure NPM"),
        ("kube-network-policies", "kube-network-policies"),
        ("kindnet-network-policies", "kindnet"),
    ];

    private static readonly string[] NameFields = ["name", "table"];
    private static readonly string[] BridgeSettings = ["bridge-nf-call-iptables", "bridge-nf-call-ip6tables"];

    /// <summary>
    /// The network that enforces policies on this node itself, and how it was detected; null for none.
    /// </summary>
    /// <param name="pods">The pods of this node.</param>
    /// <param name="chains">The names of tables and chains in the kernel.</param>
    public static string? OtherEnforcer(IEnumerable<V1Pod> pods, IEnumerable<string> chains)
    {
        if (KnownNetworks.On(pods).FirstOrDefault(found => found.Network.Enforces) is { Sign: { } sign })
        {
            return sign;
        }

        foreach (var chain in chains)
        {
            foreach (var (prefix, network) in Chains)
            {
                if (chain.StartsWith(prefix, StringComparison.Ordinal))
                {
                    return $"{network} ({chain} in nftables)";
                }
            }
        }

        return null;
    }

    /// <summary>The names of all tables and chains.</summary>
    /// <exception cref="NftablesException">They cannot be listed.</exception>
    public static IReadOnlyList<string> ChainNames(INftables nftables)
    {
        using var document = JsonDocument.Parse(nftables.Run("list chains", json: true));
        return
        [
            .. document.RootElement.GetProperty("nftables").EnumerateArray()
                .SelectMany(item => item.EnumerateObject())
                .Where(item => item.Name is "table" or "chain")
                .SelectMany(item => NameFields.Select(field =>
                    item.Value.TryGetProperty(field, out var name) ? name.GetString() : null))
                .OfType<string>().Distinct(),
        ];
    }

    /// <summary>
    /// A bridge on which pods of this node reach each other without passing the hook; null for none. With a module and
    /// a sysctl, the kernel passes bridged packets to nftables.
    /// </summary>
    /// <param name="links">The links of this node.</param>
    /// <param name="addresses">The addresses of the links.</param>
    /// <param name="pods">The addresses of the node's pods.</param>
    /// <param name="isShown">Whether bridged packets are passed to nftables.</param>
    public static string? UnseenBridge(
        IEnumerable<Link> links,
        IEnumerable<LinkAddress> addresses,
        IReadOnlyCollection<IPAddress> pods,
        Func<bool> isShown)
    {
        var bridges = links.Where(link => link.Kind == "bridge").ToDictionary(link => link.Index, link => link.Name);
        var used = addresses.FirstOrDefault(address =>
            bridges.ContainsKey(address.Link) && pods.Any(address.Shares));
        return used is null || isShown() ? null : bridges[used.Link];
    }

    public static bool AreBridgedPacketsShown() =>
        BridgeSettings.Select(name => Path.Combine("/proc/sys/net/bridge", name))
            .All(file => File.Exists(file) && File.ReadAllText(file).Trim() == "1");
}
