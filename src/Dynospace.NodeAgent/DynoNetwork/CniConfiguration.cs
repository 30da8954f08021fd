using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.NodeAgent.Networks;
using Dynospace.Reachability.Addresses;
using k8s.Models;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>A file in the CNI configuration folder.</summary>
/// <param name="Name">The name, without the folder.</param>
/// <param name="Text">The content.</param>
internal sealed record CniFile(string Name, string Text);

/// <summary>Pure: the CNI configuration of the node, and checks of the other configurations.</summary>
internal static class CniConfiguration
{
    /// <summary>Container runtimes use the first file in name order.</summary>
    public const string FileName = "05-dynospace.conflist";

    /// <summary>The name of the network and of its reservation folder.</summary>
    public const string Network = "dynospace";

    /// <summary>The plugins that the configuration uses.</summary>
    public static readonly IReadOnlyList<string> Plugins = ["ptp", "host-local", "bandwidth"];

    private static readonly string[] Extensions = [".conf", ".conflist", ".json"];

    /// <summary>
    /// Plugins without an agent and without state beyond a pod's own, which are not affected when new pods use another
    /// network.
    /// </summary>
    private static readonly HashSet<string> Plain = new(StringComparer.Ordinal)
    {
        "bandwidth", "bridge", "dhcp", "dummy", "firewall", "host-device", "host-local", "ipvlan", "loopback",
        "macvlan", "portmap", "ptp", "sbr", "static", "tap", "tuning", "vlan", "vrf",
    };

    /// <summary>The configuration of a node.</summary>
    /// <param name="block">The block from which pods get subnets.</param>
    /// <param name="block6">The IPv6 block from which they also get subnets; null for IPv4 only.</param>
    /// <param name="mtu">The MTU of a pod's link.</param>
    /// <param name="reservations">The folder in which <c>host-local</c> records used addresses.</param>
    public static string Text(NodeBlock block, AddressBlock6? block6, int mtu, string reservations)
    {
        // One set of ranges yields one address, from the first range that has a free one.
        var ranges = new JsonArray(
            new JsonArray([.. block.Slots.Select(slot => new JsonObject { ["subnet"] = slot.ToString() })]));
        var routes = new JsonArray(new JsonObject { ["dst"] = "0.0.0.0/0" });
        if (block6 is not null)
        {
            // IPv6 has no broadcast address: without a range, the last address of a subnet would go to another pod.
            ranges.Add(new JsonArray([.. block6.Slots.Select(slot => new JsonObject
            {
                ["subnet"] = slot.Subnet.ToString(),
                ["rangeStart"] = slot.Dyno.ToString(),
                ["rangeEnd"] = slot.Dyno.ToString(),
            })]));
            routes.Add(new JsonObject { ["dst"] = "::/0" });
        }

        var list = new JsonObject
        {
            ["cniVersion"] = "1.0.0",
            ["name"] = Network,
            ["plugins"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "ptp",
                    ["ipMasq"] = false,
                    ["mtu"] = mtu,
                    ["ipam"] = new JsonObject
                    {
                        ["type"] = "host-local",
                        ["dataDir"] = reservations,
                        ["ranges"] = ranges,
                        ["routes"] = routes,
                    },
                },
                new JsonObject
                {
                    ["type"] = "bandwidth",
                    ["capabilities"] = new JsonObject { ["bandwidth"] = true },
                }),
        };
        return list.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>The block in a configuration of ours; null if it cannot be read.</summary>
    public static AddressRange? BlockOf(string text)
    {
        try
        {
            var subnets = JsonNode.Parse(text)!["plugins"]![0]!["ipam"]!["ranges"]![0]!.AsArray();
            var first = AddressRange.Parse((string)subnets[0]!["subnet"]!);
            var prefix = NodeBlock.SlotPrefix - int.Log2(subnets.Count);
            return AddressRange.TryParse($"{first.First}/{prefix}", out var block, out _) ? block : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException
            or NullReferenceException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>The network that has an agent among the pods of the node; null for none.</summary>
    public static string? OtherNetwork(IEnumerable<V1Pod> pods) => KnownNetworks.On(pods)
        .Where(found => found.Network.AttachesPods)
        .Select(found => found.Sign)
        .FirstOrDefault();

    /// <summary>Why our file must not be written next to these; null if it may.</summary>
    public static string? Obstacle(IEnumerable<CniFile> files)
    {
        foreach (var file in files.Where(file => IsForeign(file.Name))
            .OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            if (string.CompareOrdinal(file.Name, FileName) < 0)
            {
                return $"the CNI configuration {file.Name} comes before {FileName}, so that it would stay in force: "
                    + "rename or remove it";
            }

            if (Types(file.Text).FirstOrDefault(type => !Plain.Contains(type)) is { } type)
            {
                return $"the CNI configuration {file.Name} is that of a network with an agent (plugin {type}), which "
                    + "the dyno network would break: remove that network first, on a node without pods";
            }
        }

        return null;
    }

    /// <summary>Whether a file name is that of another CNI configuration, not of other plugin data.</summary>
    public static bool IsForeign(string name) =>
        name != FileName && Extensions.Contains(Path.GetExtension(name), StringComparer.Ordinal);

    /// <summary>The plugins of a configuration; empty if it is unreadable, because the runtime then skips it.</summary>
    private static IEnumerable<string> Types(string text)
    {
        try
        {
            var root = JsonNode.Parse(text) as JsonObject;
            IEnumerable<JsonNode?> plugins = root?["plugins"] is JsonArray list ? list : [root];
            return
            [
                .. plugins.OfType<JsonObject>()
                    .SelectMany(plugin => new[] { plugin["type"], (plugin["ipam"] as JsonObject)?["type"] })
                    .OfType<JsonValue>()
                    .Select(type => type.TryGetValue<string>(out var name) ? name : "")
                    .Where(name => name.Length > 0),
            ];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
