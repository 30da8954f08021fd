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
internal sealed class EgressVerb
{
    private static readonly ResourceKind Gateways = ResourceKind.For<EgressGateway>(isNamespaced: false);
    private static readonly ResourceKind Networks = ResourceKind.For<NodeNetwork>(isNamespaced: false);

    private readonly CliEnvironment _environment;
    private readonly Argument<string?> _space = new("SPACE")
    {
        Description = "The space. [default: the namespace of the kubeconfig's context]",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly ClientOptions _options;

    private EgressVerb(CliEnvironment environment)
    {
        _environment = environment;
        _options = new(environment) { SpaceArgument = _space };
    }

    public static Command Create(CliEnvironment environment)
    {
        var verb = new EgressVerb(environment);
        return verb._options.Command("egress", "Show by which addresses, gateways and ports a space leaves.", """
            GATEWAY has the address now; THEN has it next, in this order. PORTS are the source ports that nodes have of
            the address, IN USE those that connections use. REFUSED counts packets of dynos that were dropped, since
            they had no way out or the wrong address. Gateways, ports and counts need a role of the platform team, and
            are there with the provider Builtin only.

            Examples:
              dynospace egress acme-prod
              kubectl get egressgateway acme-prod -o yaml

            """, [verb._space], verb.RunAsync, takesApp: false, prints: false);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        await session.RequireSpaceAsync(cancellationToken);
        var space = await FindAsync<Space>(session, ClientKinds.Space, cancellationToken);
        var gateway = await FindAsync<EgressGateway>(session, Gateways, cancellationToken);
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

    /// <summary>What each node that takes part says; nothing for those who may not read it.</summary>
    private async Task NodesAsync(Session session, EgressGateway? gateway, CancellationToken cancellationToken)
    {
        if (gateway?.Spec.Nodes is not { Count: > 0 } nodes)
        {
            return;
        }

        var table = new TextTable("NODE", "PORTS", "HOLDS", "REFUSED");
        foreach (var node in nodes)
        {
            var network = await FindAsync<NodeNetwork>(session, Networks, cancellationToken, node.Name);
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

    /// <summary>An object with the name of the space; null where there is none, or none for this user.</summary>
    private static async Task<T?> FindAsync<T>(
        Session session, ResourceKind kind, CancellationToken cancellationToken, string? name = null)
        where T : class
    {
        try
        {
            return JsonObjects.To<T>(await session.Transport.GetAsync(
                kind, ObjectKey.ClusterScoped(name ?? session.Space), cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }
}
