// Topologies: a space as a graph of who may talk to whom, and drawings of it.

using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Client;
using Dynospace.Planning.Apps;

namespace Dynospace.Cli.Topologies;

// A space as a picture: its apps, how requests come in, and where its dynos may connect. Pure: from objects to a
// topology, and from a topology to text, JSON, Mermaid and SVG.

/// <summary>Something in or around a space.</summary>
/// <param name="Id">Letters, digits and underscores, unique in the topology.</param>
/// <param name="Kind">As in <c>app</c> or <c>dataService</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Detail">A short description.</param>
public sealed record TopologyNode(string Id, string Kind, string Name, string Detail)
{
    public IReadOnlyList<TopologyNode> Children { get; init; } = [];
}

/// <summary>A direction in which connections are opened.</summary>
public sealed record TopologyEdge(string From, string To, string Label);

/// <summary>A space, its neighbours, and the connections between them.</summary>
public sealed record Topology(
    string Space, string Detail, IReadOnlyList<TopologyNode> Nodes, IReadOnlyList<TopologyEdge> Edges)
{
    public const string Internet = "internet";
    public const string App = "app";
    public const string Process = "process";
    public const string Dyno = "dyno";
    public const string Router = "router";
    public const string Peer = "peerNetwork";
    public const string DataService = "dataService";

    /// <param name="name">The space's name.</param>
    /// <param name="space">The Space; null if the user may not read it.</param>
    public static Topology FromSpace(string name, Space? space, IReadOnlyList<App> apps, IReadOnlyList<Dyno> dynos)
    {
        var nodes = new List<TopologyNode>();
        var edges = new List<TopologyEdge>();
        var ordered = apps.OrderBy(app => app.Metadata.Name, StringComparer.Ordinal).ToList();
        AddRouter("router_public", "public router", Trusted(space), Internet, ordered.Where(app =>
            HasWeb(app) && !app.Spec.InternalRouting));
        AddRouter("router_internal", "internal router", "the space and its peer networks", null, ordered.Where(app =>
            HasWeb(app) && app.Spec.InternalRouting));
        nodes.AddRange(ordered.Select(app => AppNode(app, dynos)));
        foreach (var service in space?.Spec.DataServices ?? [])
        {
            var where = service.Cidrs is { Count: > 0 } ranges ? string.Join(", ", ranges) : "pods of the cluster";
            Around(DataService, service.Name, $"{where}, TCP {string.Join(", ", service.Ports)}");
        }

        foreach (var peer in space?.Spec.PeerNetworks ?? [])
        {
            Around(Peer, peer.Name, $"{peer.Via}, {string.Join(", ", peer.Cidrs)}");
        }

        nodes.Insert(0, new TopologyNode(Internet, Internet, Internet, Egress(space)));
        edges.AddRange(ordered.SelectMany(Processes)
            .Select(process => new TopologyEdge(process.Id, Internet, "outbound")));
        return new(
            name, space is null ? "" : $"{space.Spec.Runtime}, {space.Spec.Region}", nodes, edges);

        void AddRouter(string id, string title, string detail, string? from, IEnumerable<App> served)
        {
            var targets = served.ToList();
            if (targets.Count == 0)
            {
                return;
            }

            nodes.Add(new TopologyNode(id, Router, title, detail));
            if (from is not null)
            {
                edges.Add(new TopologyEdge(from, id, "requests"));
            }

            edges.AddRange(targets.Select(
                app => new TopologyEdge(id, ProcessId(app, ProcessTypes.Web), app.Spec.Maintenance ? "H80" : "$PORT")));
        }

        void Around(string kind, string title, string detail)
        {
            var id = Id($"{kind}_{title}");
            nodes.Add(new TopologyNode(id, kind, title, detail));
            edges.AddRange(ordered.SelectMany(Processes).Select(process => new TopologyEdge(process.Id, id, "")));
        }
    }

    public JsonObject ToJson() => new()
    {
        ["space"] = Space,
        ["detail"] = Detail,
        ["nodes"] = new JsonArray([.. Nodes.Select(Json)]),
        ["edges"] = new JsonArray([.. Edges.Select(edge => new JsonObject
        {
            ["from"] = edge.From,
            ["to"] = edge.To,
            ["label"] = edge.Label,
        })]),
    };

    private static JsonObject Json(TopologyNode node) => new()
    {
        ["id"] = node.Id,
        ["kind"] = node.Kind,
        ["name"] = node.Name,
        ["detail"] = node.Detail,
        ["children"] = new JsonArray([.. node.Children.Select(Json)]),
    };

    private static TopologyNode AppNode(App app, IReadOnlyList<Dyno> dynos)
    {
        var name = app.Metadata.Name;
        var release = app.Status?.Release is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"v{number}, ")
            : "";
        var hosts = string.Join(", ", app.Status?.Hosts ?? []);
        return new TopologyNode(
            Id($"app_{name}"),
            App,
            name,
            $"{release}{app.Status?.Dynos ?? "0/0"} up{(hosts == "" ? "" : $", {hosts}")}")
        {
            Children =
            [
                .. Processes(app).Select(process => process with
                {
                    Children =
                    [
                        .. dynos.Where(dyno => dyno.Spec.App == name && dyno.Spec.ProcessType == process.Name)
                            .OrderBy(DynoNames.NumberOf)
                            .Select(DynoNode),
                    ],
                }),
            ],
        };
    }

    private static TopologyNode DynoNode(Dyno dyno)
    {
        var facts = new[]
        {
            (dyno.Status?.State ?? DynoState.Pending).ToString(),
            dyno.Status?.PodIPs is { Count: > 1 } addresses ? string.Join(" and ", addresses) : dyno.Status?.PodIP,
            dyno.Status?.Node,
        };
        return new(
            Id($"dyno_{dyno.Metadata.Name}"),
            Dyno,
            DynoNames.Display(dyno),
            string.Join(", ", facts.Where(fact => !string.IsNullOrEmpty(fact))));
    }

    private static IEnumerable<TopologyNode> Processes(App app) => (app.Spec.Processes ?? []).Select(process =>
        new TopologyNode(
            ProcessId(app, process.Type),
            Process,
            process.Type,
            string.Create(
                CultureInfo.InvariantCulture, $"{WebScale.FromApp(app).QuantityOf(process)} x {process.Size}")));

    private static string ProcessId(App app, string type) => Id($"process_{app.Metadata.Name}__{type}");

    private static string Id(string name) => name.Replace("-", "_1", StringComparison.Ordinal)
        .Replace(".", "_2", StringComparison.Ordinal);

    private static bool HasWeb(App app) =>
        app.Spec.Processes?.Any(process => process.Type == ProcessTypes.Web) == true;

    private static string Trusted(Space? space) => space?.Spec switch
    {
        null => "",
        { TrustedIPRanges: null } => "from everywhere",
        { TrustedIPRanges: [] } => "from nowhere",
        { TrustedIPRanges: var ranges } => $"from {string.Join(", ", ranges)}",
    };

    private static string Egress(Space? space) => space?.Spec.OutboundIPs is { Count: > 0 } addresses
        ? $"outbound from {string.Join(", ", addresses)}"
        : "";
}
