using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Routers;
using Dynospace.Controllers.Spaces;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Spaces;

/// <summary>
/// Every trigger of Spaces and of the shared router: before and after to keys. The Spaces are web (Common), acme and
/// rival (Private).
/// </summary>
public sealed class SpaceTriggersTests
{
    private const string Nothing = "";

    private const string Everything = "acme rival web";

    private static readonly SpaceTriggers Triggers = new(Spaces, new PlatformOptions());

    private static readonly SharedRouterTriggers Shared = new(new PlatformOptions());

    public static TheoryData<string, Func<IEnumerable<ObjectKey>>, string> Rows => new()
    {
        { "a namespace", () => SpaceTriggers.OnNamespace(null, new V1Namespace { Metadata = Meta("acme") }), "acme" },
        { "a policy of a space", () => Triggers.OnPolicy(Policy("acme"), null), "acme" },
        { "a policy of a space's router", () => Triggers.OnPolicy(
            null, Policy("dynospace-system", Router("acme"))), "acme dynospace-system" },
        { "a policy of the shared router", () => Triggers.OnPolicy(
            null, Policy("dynospace-system", Router(null))), "dynospace-system web" },
        { "an app comes", () => SpaceTriggers.OnApp(null, App()), "acme" },
        { "an app goes", () => SpaceTriggers.OnApp(App(), null), "acme" },
        { "an app's deletion starts", () => SpaceTriggers.OnApp(
            App(), App(app => app.Metadata.DeletionTimestamp = DateTime.UnixEpoch)), "acme" },
        { "an app's certificate", () => SpaceTriggers.OnApp(
            App(), App(app => app.Spec.Tls = new() { Secrets = [new() { Name = "shop-tls" }] })), "acme" },
        { "an app's image", () => SpaceTriggers.OnApp(App(), App(app => app.Spec.Image = "other")), Nothing },
        { "a dyno comes", () => SpaceTriggers.OnDyno(null, Dyno()), "acme" },
        { "a dyno comes up", () => SpaceTriggers.OnDyno(
            Dyno(), Dyno(dyno => dyno.Status = new() { Conditions = [Up()] })), "acme" },
        { "a dyno's node", () => SpaceTriggers.OnDyno(
            Dyno(), Dyno(dyno => dyno.Status = new() { Node = "n" })), Nothing },
        { "a dyno's pod starts", () => Triggers.OnPod(
            Pod("acme"), Pod("acme") with { Phase = PodPhase.Running }), Nothing },
        { "a dyno's pod without a Dyno", () => Triggers.OnPod(null, Pod("acme") with { OwnerUid = null }), "acme" },
        { "a dyno's pod ends", () => Triggers.OnPod(
            Pod("acme"), Pod("acme") with { Phase = PodPhase.Succeeded }), "acme" },
        { "a dyno's pod goes", () => Triggers.OnPod(Pod("acme"), null), "acme" },
        { "a canary changes", () => Triggers.OnPod(Canary(), Canary() with { IsReady = true }), "acme" },
        { "a router's pod starts", () => Triggers.OnPod(null, RouterPod()), Nothing },
        { "a router's pod goes", () => Triggers.OnPod(RouterPod(), null), "acme" },
        { "a pod of a data service comes", () => Triggers.OnPod(null, Other("databases")), "rival" },
        { "a pod of a data service is labelled", () => Triggers.OnPod(
            Other("databases"), Other("databases", ("app", "x"))), "rival" },
        { "a pod of a data service gets ready", () => Triggers.OnPod(
            Other("databases"), Other("databases") with { IsReady = true }), Nothing },
        { "any other pod", () => Triggers.OnPod(null, Other("monitoring")), Nothing },
        { "the cluster's DNS", () => Triggers.OnService(null, Service("kube-system", "kube-dns")), Everything },
        { "a Service elsewhere", () => Triggers.OnService(null, Service("monitoring", "grafana")), Nothing },
        { "a router's Service", () => Triggers.OnService(
            null, Service("dynospace-system", "r", Router("acme"))), "acme" },
        { "the shared router's Service", () => Triggers.OnService(
            null, Service("dynospace-system", "r", Router(null))), "web" },
        { "a Service that may take its name", () => Triggers.OnService(
            null, Service("dynospace-system", "router-public")), "web" },
        { "a node", () => Triggers.OnCluster(null, Node("10.0.0.1")), Everything },
        { "a node's address", () => Triggers.OnCluster(Node("10.0.0.1"), Node("10.0.0.2")), Everything },
        { "a node's heartbeat", () => Triggers.OnCluster(Node("10.0.0.1"), Node("10.0.0.1")), Nothing },
        { "a Service range", () => Triggers.OnCluster(
            null, new ServiceCidrState("more", "10.200.0.0/16")), Everything },
        { "a node's block", () => Triggers.OnBlock(
            new NodeNetworkState("n", null), new NodeNetworkState("n", "172.24.0.0/23")), Everything },
        { "a node's agent reports", () => Triggers.OnBlock(
            new NodeNetworkState("n", "172.24.0.0/23"),
            new NodeNetworkState("n", "172.24.0.0/23") { Egress = new(new(), "{}") }), Nothing },
        { "the API server's endpoints", () => Triggers.OnCluster(
            Endpoint("192.0.2.1"), Endpoint("192.0.2.2")), Everything },
        { "the same endpoints again", () => Triggers.OnCluster(Endpoint("192.0.2.1"), Endpoint("192.0.2.1")), Nothing },
        { "a part of a space's router", () => Triggers.OnComponent(Router("acme")), "acme" },
        { "a part of the shared router", () => Triggers.OnComponent(Router(null)), "web" },
        { "a part of nothing", () => Triggers.OnComponent(new Dictionary<string, string>()), Nothing },
        { "a gateway's kind", () => Triggers.All(), Everything },
        { "shared: a Common space comes", () => Shared.OnSpace(
            null, ObservedCluster.Space("web", SpaceRuntime.Common)), "router-public" },
        { "shared: a Private space comes", () => Shared.OnSpace(null, ObservedCluster.Space()), Nothing },
        { "shared: a Common space changes", () => Shared.OnSpace(
            ObservedCluster.Space("web", SpaceRuntime.Common),
            ObservedCluster.Space("web", SpaceRuntime.Common)), Nothing },
        { "shared: its namespace", () => Shared.OnNamespace(
            null, new V1Namespace { Metadata = Meta("dynospace-system") }), "router-public" },
        { "shared: another namespace", () => Shared.OnNamespace(
            null, new V1Namespace { Metadata = Meta("acme") }), Nothing },
        { "shared: a policy beside it", () => Shared.OnPolicy(null, Policy("dynospace-system")), "router-public" },
        { "shared: a policy elsewhere", () => Shared.OnPolicy(null, Policy("acme")), Nothing },
        { "shared: the API server", () => Shared.OnApiServer(
            Endpoint("192.0.2.1"), Endpoint("192.0.2.2")), "router-public" },
        { "shared: its own part", () => Shared.OnPart(Router(null)), "router-public" },
        { "shared: a part of a space's router", () => Shared.OnPart(Router("acme")), Nothing },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_change_wakes_whom_it_concerns(string what, Func<IEnumerable<ObjectKey>> trigger, string keys) =>
        Assert.True(keys == string.Join(' ', trigger().Select(key => key.Name).Order(StringComparer.Ordinal)), what);

    private static IEnumerable<Space> Spaces()
    {
        var rival = ObservedCluster.Space("rival");
        rival.Spec.DataServices = [new() { Name = "db", Namespace = "databases", PodSelector = new(), Ports = [5432] }];
        return [ObservedCluster.Space("web", SpaceRuntime.Common), ObservedCluster.Space(), rival];
    }

    private static V1ObjectMeta Meta(string name, string? ns = null) => new() { Name = name, NamespaceProperty = ns };

    private static V1NetworkPolicy Policy(string ns, Dictionary<string, string>? labels = null) =>
        new() { Metadata = new() { Name = "p", NamespaceProperty = ns, Labels = labels } };

    private static Dictionary<string, string> Router(string? space)
    {
        var labels = new Dictionary<string, string> { [Labels.Component] = ComponentValues.RouterPublic };
        if (space is not null)
        {
            labels[Labels.Space] = space;
        }

        return labels;
    }

    private static App App(Action<App>? change = null)
    {
        var app = new App { Metadata = Meta("shop", "acme"), Spec = new() { Image = "i" } };
        change?.Invoke(app);
        return app;
    }

    private static Dyno Dyno(Action<Dyno>? change = null)
    {
        var dyno = new Dyno
        {
            Metadata = Meta("shop.web.1", "acme"),
            Spec = new() { App = "shop", ProcessType = "web", Index = 1 },
        };
        change?.Invoke(dyno);
        return dyno;
    }

    private static V1Condition Up() =>
        new() { Type = ConditionTypes.Up, Status = ConditionStatus.True, Reason = "Up", Message = "" };

    private static PodFacts Pod(string ns) =>
        new() { Namespace = ns, Name = "p", Uid = "u", Dyno = "shop.web.1", OwnerUid = "d" };

    private static PodFacts Canary() =>
        new() { Namespace = "acme", Name = "c", Uid = "u", Canary = new("target", DateTimeOffset.UnixEpoch) };

    private static PodFacts RouterPod() =>
        new() { Namespace = "dynospace-system", Name = "r", Uid = "u", Labels = Router("acme") };

    private static PodFacts Other(string ns, params (string Key, string Value)[] labels) =>
        new()
        {
            Namespace = ns,
            Name = "o",
            Uid = "u",
            Labels = labels.ToDictionary(label => label.Key, label => label.Value),
        };

    private static NodeState Node(string address) => new("n", address, "", "", "");

    private static ApiServerSlice Endpoint(string address) => new("kubernetes", [new(address, 6443)]);

    private static ServiceState Service(string ns, string name, Dictionary<string, string>? labels = null) => new(
        LiveObject.FromObject(
            Kinds.Service,
            new V1Service
            {
                Metadata = new()
                {
                    Name = name,
                    NamespaceProperty = ns,
                    Uid = "u",
                    ResourceVersion = "1",
                    Labels = labels,
                },
            }),
        [],
        new Dictionary<string, string>());
}
