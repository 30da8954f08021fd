// Inspection: measures the state of a node's kernel for operators. No part of the agent depends on it.

using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Dynospace.Api.Nodes;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.NodeAgent.Egress;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Inspection;

/// <summary>
/// Measures once a minute the state of a node's kernel for operators. It changes nothing, and no part of the agent
/// depends on it.
/// </summary>
/// <param name="triesTunnel">
/// Whether to test if the kernel supports the fixed IP tunnel, with a link that is never brought up.
/// </param>
public sealed class KernelInspector(bool triesTunnel, TimeProvider clock, ILogger<KernelInspector> logger)
{
    /// <summary>The name of the link that tests for VXLAN with group policy.</summary>
    public const string TrialLink = "dynotrial";

    private const uint TrialNetwork = 7776;
    private const int NotSupported = 95;
    private const int MostItems = 64;
    private const int LongestText = 256;
    private const string OwnTables = "dynospace_";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly string[] Hooks = ["prerouting", "input", "forward", "postrouting"];
    private static readonly string[] Families = ["ip", "ip6", "inet"];
    private static readonly string[] AgentLinks = [TunnelNumbers.Device, KernelFacts.TunnelName];

    private static readonly string[] CommonSettings =
    [
        "ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv4/conf/all/rp_filter", "ipv4/conf/all/src_valid_mark",
        "bridge/bridge-nf-call-iptables", "bridge/bridge-nf-call-ip6tables",
    ];

    private static readonly string[] LinkSettings =
        ["ipv4/conf/{0}/rp_filter", "ipv4/conf/{0}/forwarding", "ipv4/conf/{0}/src_valid_mark"];

    private volatile NodeKernel? _kernel;
    private bool? _hasGroupPolicy;
    private string? _logged;

    /// <summary>The last measurement; null before the first.</summary>
    public NodeKernel? Kernel => _kernel;

    /// <summary>Measures until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _kernel = Measure();
            }
            catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
            {
                Log(e, "the kernel of the node cannot be measured");
            }

            await Task.Delay(Interval, clock, cancellationToken);
        }
    }

    /// <summary>Measures the network namespace of the thread.</summary>
    /// <exception cref="SocketException">The kernel refuses the query.</exception>
    public NodeKernel Measure()
    {
        using var network = NetworkStack.Open();
        _hasGroupPolicy ??= HasGroupPolicy(network);
        var shown = Shown(network);
        var (nftables, chains) = ReadNftables();
        var limit = Number("netfilter/nf_conntrack_max");
        return new NodeKernel
        {
            Release = ReadFile("/proc/sys/kernel/osrelease")?.Trim(),
            Nftables = nftables,
            VxlanGroupPolicy = _hasGroupPolicy,
            Links = [.. shown.Select(link => new NodeLink { Name = link.Name, Mtu = link.Mtu })],
            Settings = Settings(shown),
            ForeignChains = chains,
            ForeignRules =
            [
                .. network.Rules.List().Where(IsForeign).OrderBy(rule => rule.Priority).Take(MostItems)
                    .Select(rule => new ForeignRule { Priority = rule.Priority, Rule = Text(rule) }),
            ],
            LegacyTables = LegacyTables(),
            ConnectionLimit = limit,
            ConnectionsPercent = limit is > 0 && Number("netfilter/nf_conntrack_count") is { } count
                ? (int)(count * 10 / limit.Value) * 10
                : null,
        };
    }

    /// <summary>The base chains of other programs, parsed from <c>list chains</c>.</summary>
    internal static (string? Version, List<ForeignChain> Chains) Read(string dump)
    {
        using var document = JsonDocument.Parse(dump);
        var items = document.RootElement.GetProperty("nftables").EnumerateArray().ToList();
        var version = items.Select(item => item.TryGetProperty("metainfo", out var about)
                && about.TryGetProperty("version", out var text) ? text.GetString() : null)
            .FirstOrDefault(text => text is not null);
        var chains = items
            .Select(item => item.TryGetProperty("chain", out var chain) && chain.TryGetProperty("hook", out _)
                ? Chain(chain)
                : null)
            .OfType<ForeignChain>()
            .Where(chain => Hooks.Contains(chain.Hook))
            .OrderByDescending(chain => chain.Policy == "drop")
            .ThenBy(chain => Array.IndexOf(Hooks, chain.Hook))
            .ThenBy(chain => chain.Priority)
            .ThenBy(chain => chain.Table, StringComparer.Ordinal)
            .ThenBy(chain => chain.Name, StringComparer.Ordinal)
            .Take(MostItems)
            .ToList();
        return (version, chains);
    }

    private static ForeignChain? Chain(JsonElement chain)
    {
        var (family, table) = (Text("family"), Text("table"));
        return table is null || table.StartsWith(OwnTables, StringComparison.Ordinal) || !Families.Contains(family)
            ? null
            : new ForeignChain
            {
                Table = Shortened($"{family} {table}"),
                Name = Shortened(Text("name") ?? ""),
                Hook = Text("hook") ?? "",
                Priority = chain.TryGetProperty("prio", out var priority)
                    && priority.ValueKind == JsonValueKind.Number ? priority.GetInt32() : 0,
                Policy = Text("policy"),
            };

        string? Text(string name) => chain.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private (string? Version, List<ForeignChain> Chains) ReadNftables()
    {
        try
        {
            using var nftables = Nftables.Open();
            return Read(nftables.Run("list chains", json: true));
        }
        catch (Exception e) when (e is NftablesException or JsonException)
        {
            Log(e, "nftables does not answer");
            return (null, []);
        }
    }

    /// <summary>Logs a message once instead of every minute.</summary>
    private void Log(Exception e, string what)
    {
        if (e.Message != _logged)
        {
            logger.LogInformation("Inspection: {What}: {Why}", what, e.Message);
            _logged = e.Message;
        }
    }

    /// <summary>Whether the kernel supports VXLAN with group policy; null if unknown.</summary>
    private bool? HasGroupPolicy(NetworkStack network)
    {
        if (network.Links.List().Any(link => link.Vxlan is { HasGroupPolicy: true } && link.Name != TrialLink))
        {
            return true;
        }

        if (!triesTunnel)
        {
            return null;
        }

        try
        {
            Remove();
            network.Links.Add(new VxlanLink(
                TrialLink,
                new VxlanSettings { Id = TrialNetwork, Port = TunnelNumbers.Port, HasGroupPolicy = true }));
            return network.Links.Find(TrialLink)?.Vxlan?.HasGroupPolicy;
        }
        catch (SocketException e)
        {
            return e.NativeErrorCode == NotSupported ? false : null;
        }
        finally
        {
            Remove();
        }

        void Remove()
        {
            if (network.Links.Find(TrialLink) is { } link)
            {
                network.Links.Delete(link.Index);
            }
        }
    }

    /// <summary>The uplinks and the tunnels.</summary>
    private static List<Link> Shown(NetworkStack network)
    {
        var defaults = network.Routes.List()
            .Where(route => route.IsDefault)
            .Select(route => route.Link)
            .ToHashSet();
        return
        [
            .. network.Links.List()
                .Where(link => AgentLinks.Contains(link.Name) || (defaults.Contains(link.Index) && !link.IsLoopback))
                .OrderBy(link => link.Name, StringComparer.Ordinal)
                .Take(MostItems / 2),
        ];
    }

    private static Dictionary<string, string> Settings(List<Link> links) => CommonSettings
        .Concat(links.SelectMany(link => LinkSettings.Select(
            setting => string.Format(CultureInfo.InvariantCulture, setting, link.Name))))
        .Select(name => (name, Value: Setting(name)))
        .Where(setting => setting.Value is not null)
        .ToDictionary(setting => setting.name, setting => setting.Value!, StringComparer.Ordinal);

    private static string? Setting(string name)
    {
        try
        {
            return Sysctl.Read(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long? Number(string name) =>
        long.TryParse(Setting(name), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static List<string>? LegacyTables()
    {
        var tables = new List<string>();
        foreach (var (family, file) in new[] { ("ip", "ip_tables_names"), ("ip6", "ip6_tables_names") })
        {
            try
            {
                // These files show the thread's network namespace. A missing file means no legacy iptables.
                tables.AddRange((ReadFile($"/proc/thread-self/net/{file}") ?? "")
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .Select(table => $"{family} {table}"));
            }
            catch (UnauthorizedAccessException)
            {
                return null;
            }
        }

        return [.. tables.Order(StringComparer.Ordinal)];
    }

    private static string? ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static bool IsForeign(RoutingRule rule) =>
        rule.Protocol is not (EgressKernelPlanner.Protocol or KernelFacts.RouteProtocol)
        // The kernel's own: local, main and default.
        && rule.Priority is not (0 or 32766 or 32767);

    private static string Text(RoutingRule rule)
    {
        var parts = new List<string?>
        {
            rule.Family == AddressFamily.InterNetwork ? "IPv4" : "IPv6",
            rule.IsInverted ? "not" : null,
            rule.From is { } from ? $"from {from}" : null,
            rule.To is { } to ? $"to {to}" : null,
            rule.IncomingLink is { } incoming ? $"iif {incoming}" : null,
            rule.OutgoingLink is { } outgoing ? $"oif {outgoing}" : null,
            rule.Mask != 0
                ? string.Create(CultureInfo.InvariantCulture, $"fwmark 0x{rule.Mark:x}/0x{rule.Mask:x}")
                : null,
            rule.Action == RuleAction.Lookup
                ? string.Create(CultureInfo.InvariantCulture, $"lookup {rule.Table}")
                : rule.Action.ToString().ToLowerInvariant(),
        };
        return Shortened(string.Join(' ', parts.OfType<string>()));
    }

    private static string Shortened(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
