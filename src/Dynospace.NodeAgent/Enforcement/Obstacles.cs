using System.Net;
using System.Text.Json;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Networks;
using k8s.Models;

namespace Dynospace.NodeAgent.Enforcement;

/// <summary>Why this node is not one to enforce policies on.</summary>
internal static class Obstacles
{
    /// <summary>What the chains or tables of enforcers begin with, which some are without a pod: k3s has one.</summary>
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
    /// The network that enforces policies on this node itself, and by what that shows; null for none.
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
    /// The bridge on which pods of this node reach each other without passing the hook; null for none. The kernel
    /// shows bridged packets to nftables by a module and a setting.
    /// </summary>
    /// <param name="links">The links of this node.</param>
    /// <param name="addresses">Their addresses.</param>
    /// <param name="pods">The addresses of its pods.</param>
    /// <param name="isShown">Whether bridged packets are shown.</param>
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
