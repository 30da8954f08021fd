using System.CommandLine;
using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace egress</c>: by which addresses a space leaves, and by which gateways and ports.</summary>
public sealed class EgressVerb
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;

    private EgressVerb(CliEnvironment environment) =>
        (_environment, _options) = (environment, new(environment, takesSpace: true));

    public static Command Create(CliEnvironment environment)
    {
        var verb = new EgressVerb(environment);
        return verb._options.Command("egress", "Show by which addresses, gateways and ports a space leaves.", """
            GATEWAY has the address now; THEN has it next, in this order. PORTS are the source ports that nodes have of
            the address, IN USE those that connections use. Of a node, CONNECTIONS counts those of the space's dynos
            there, and REFUSED packets of all its dynos that were dropped since its agent began, by reason: noway, no
            way out; forged, from an address that is not the dyno's own; protocol, neither TCP nor UDP nor ICMP; guard,
            with the wrong fixed IP, stopped at the last moment. Gateways, ports and counts need a role of the platform
            team, and exist with the provider Builtin only.

            Examples:
              dynospace egress acme-prod
              kubectl get egressgateway acme-prod -o yaml

            """, [], verb.RunAsync, takesApp: false, prints: false);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var space = await session.RequireSpaceAsync(cancellationToken);
        var gateway = await session.FindAsync<EgressGateway>(
            ClientKinds.EgressGateway, ObjectKey.ClusterScoped(session.Space), cancellationToken);
        var dynos = await session.DynosAsync(null, cancellationToken);
        Head(session.Space, space);
        var addresses = (gateway?.Spec.IPs ?? []).Select(ip => ip.Address)
            .Concat(space?.Status?.OutboundIPs ?? [])
            .Concat(dynos.SelectMany(dyno => dyno.Spec.OutboundIPs ?? []))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (addresses.Count == 0)
        {
            _environment.Out.WriteLine("Its dynos leave by the cluster's own addresses.");
            return 0;
        }

        var networks = await NetworksAsync(session, gateway, cancellationToken);
        Addresses(addresses, space, gateway, dynos, networks);
        Nodes(gateway, networks);
        return 0;
    }

    private void Head(string name, Space? space)
    {
        var ready = Conditions.Find(space?.Status?.Conditions, ConditionTypes.EgressReady);
        var provider = space?.Status?.Egress is { } egress ? $" by provider {egress.Provider}" : "";
        _environment.Out.WriteLine(ready is null
            ? $"Space {name}{provider}"
            : $"Space {name}{provider}: {ConditionTypes.EgressReady} {ready.Status} ({ready.Reason}) {ready.Message}");
    }

    private void Addresses(
        List<string> addresses, Space? space, EgressGateway? gateway, IReadOnlyCollection<Dyno> dynos,
        Dictionary<string, NodeNetwork?> networks)
    {
        var table = new TextTable("ADDRESS", "GATEWAY", "THEN", "PORTS", "IN USE", "DYNOS", "STATE");
        foreach (var address in addresses)
        {
            var ip = gateway?.Spec.IPs?.FirstOrDefault(ip => ip.Address == address);
            var status = gateway?.Status?.IPs?.FirstOrDefault(ip => ip.Address == address);
            table.Add(
                address,
                status?.Gateway,
                string.Join(", ", (ip?.Gateways ?? []).Where(name => name != status?.Gateway)),
                Number(status?.Ports),
                Number(status?.PortsInUse),
                Number(dynos.Count(dyno => dyno.Spec.OutboundIPs?.Contains(address) == true)),
                StateOf(address, space, networks));
        }

        table.Write(_environment.Out);
    }

    private static string StateOf(string address, Space? space, Dictionary<string, NodeNetwork?> networks)
    {
        var occupied = networks.Values.SelectMany(network => network?.Status?.Egress?.Occupied ?? [])
            .FirstOrDefault(occupied => occupied.Address == address);
        return occupied is not null ? $"occupied by {occupied.Mac}"
            : space?.Status?.Egress?.Leaving?.Contains(address) == true ? "leaving" : "";
    }

    /// <summary>What each node that takes part says; null for a node whose NodeNetwork the user may not read.</summary>
    private static async Task<Dictionary<string, NodeNetwork?>> NetworksAsync(
        Session session, EgressGateway? gateway, CancellationToken cancellationToken)
    {
        var networks = new Dictionary<string, NodeNetwork?>(StringComparer.Ordinal);
        foreach (var node in gateway?.Spec.Nodes ?? [])
        {
            networks[node.Name] = await session.FindAsync<NodeNetwork>(
                ClientKinds.NodeNetwork, ObjectKey.ClusterScoped(node.Name), cancellationToken);
        }

        return networks;
    }

    private void Nodes(EgressGateway? gateway, Dictionary<string, NodeNetwork?> networks)
    {
        if (gateway is null || networks.Count == 0)
        {
            return;
        }

        var ips = gateway.Spec.IPs ?? [];
        var own = ips.Select(ip => ip.Address).ToHashSet(StringComparer.Ordinal);
        var table = new TextTable("NODE", "PORTS", "CONNECTIONS", "HOLDS", "REFUSED", "STATE");
        foreach (var (name, network) in networks)
        {
            var egress = network?.Status?.Egress;
            var blocks = ips.SelectMany(ip => ip.Ports ?? [])
                .Where(block => block.Node == name)
                .Select(block => string.Create(CultureInfo.InvariantCulture, $"{block.First}-{block.Last}"));
            table.Add(
                name,
                string.Join(", ", blocks),
                Number(egress?.Uses?.Where(use => own.Contains(use.Address)).Sum(use => use.PortsInUse)),
                string.Join(", ", (egress?.Holds ?? []).Where(own.Contains)),
                egress?.Drops is { } drops
                    ? string.Join(", ", drops.Select(drop => string.Create(
                        CultureInfo.InvariantCulture, $"{drop.Reason} {drop.Packets}")))
                    : Number(egress?.Refused),
                Conditions.Find(network?.Status?.Conditions, ConditionTypes.EgressReady) is { } ready
                    ? ready.Status == ConditionStatus.True ? ready.Reason : ready.Message
                    : null);
        }

        _environment.Out.WriteLine();
        table.Write(_environment.Out);
    }

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
