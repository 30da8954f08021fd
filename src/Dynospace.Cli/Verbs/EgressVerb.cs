using System.CommandLine;
using System.Globalization;
using System.Net;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

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
            the address, IN USE those that connections use. REFUSED counts packets of dynos that were dropped because
            they had no way out or the wrong address. Gateways, ports and counts need a role of the platform team, and
            exist with the provider Builtin only.

            Examples:
              dynospace egress acme-prod
              kubectl get egressgateway acme-prod -o yaml

            """, [], verb.RunAsync, takesApp: false, prints: false);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var space = await session.RequireSpaceAsync(cancellationToken);
        var gateway = await FindAsync<EgressGateway>(
            session, ClientKinds.EgressGateway, session.Space, cancellationToken);
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

        Addresses(addresses, space, gateway, dynos);
        await NodesAsync(session, gateway, cancellationToken);
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
        List<string> addresses, Space? space, EgressGateway? gateway, IReadOnlyCollection<Dyno> dynos)
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
                space?.Status?.Egress?.Leaving?.Contains(address) == true ? "leaving" : "");
        }

        table.Write(_environment.Out);
    }

    /// <summary>The status of each node that takes part; empty cells if the user may not read it.</summary>
    private async Task NodesAsync(Session session, EgressGateway? gateway, CancellationToken cancellationToken)
    {
        if (gateway?.Spec.Nodes is not { Count: > 0 } nodes)
        {
            return;
        }

        var table = new TextTable("NODE", "PORTS", "HOLDS", "REFUSED");
        foreach (var node in nodes)
        {
            var network = await FindAsync<NodeNetwork>(
                session, ClientKinds.NodeNetwork, node.Name, cancellationToken);
            var blocks = (gateway.Spec.IPs ?? []).SelectMany(ip => ip.Ports ?? [])
                .Where(block => block.Node == node.Name)
                .Select(block => string.Create(CultureInfo.InvariantCulture, $"{block.First}-{block.Last}"));
            table.Add(
                node.Name,
                string.Join(", ", blocks),
                string.Join(", ", (network?.Status?.Egress?.Holds ?? []).Where(
                    address => gateway.Spec.IPs?.Any(ip => ip.Address == address) == true)),
                Number(network?.Status?.Egress?.Refused));
        }

        _environment.Out.WriteLine();
        table.Write(_environment.Out);
    }

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    /// <summary>A cluster-scoped object; null if it does not exist or the user may not read it.</summary>
    private static async Task<T?> FindAsync<T>(
        Session session, ResourceKind kind, string name, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return JsonObjects.To<T>(
                await session.Transport.GetAsync(kind, ObjectKey.ClusterScoped(name), cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }
}
