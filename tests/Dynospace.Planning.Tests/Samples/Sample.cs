using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Spaces;
using k8s.Models;

namespace Dynospace.Planning.Tests.Samples;

/// <summary>Objects to plan for, with nothing more than a test needs to say.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static PlatformOptions Options { get; } = new();

    public static ClusterFacts Cluster { get; } = new()
    {
        ServiceRanges = ["10.96.0.0/12", "fd00:10:96::/112"],
        PodRanges = ["10.244.0.0/16", "fd00:10:244::/56"],
        NodeAddresses = ["10.0.0.11", "198.51.100.11", "2001:db8:1::11"],
        DnsServiceAddresses = ["10.96.0.10", "fd00:10:96::a"],
        ApiServer = [new("10.96.0.1", 443), new("fd00:10:96::1", 443), new("10.0.0.11", 6443)],
        Regions = ["oregon"],
    };

    public static Space Space(SpaceRuntime runtime = SpaceRuntime.Common, string name = "acme") =>
        new()
        {
            Metadata = new() { Name = name, Uid = $"uid-space-{name}", Generation = 1 },
            Spec = new() { Runtime = runtime, Region = "oregon" },
        };

    /// <summary>A Private or Shield space that uses all that such a space may.</summary>
    public static Space ConnectedSpace(SpaceRuntime runtime = SpaceRuntime.Private, string name = "acme")
    {
        var space = Space(runtime, name);
        space.Spec.PeerNetworks =
        [
            new() { Name = "hq", Via = PeerConnection.VPN, Cidrs = ["10.40.0.0/16", "fd00:40::/32"] },
        ];
        space.Spec.DataServices =
        [
            new()
            {
                Name = "orders-db",
                PodSelector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "orders-db" } },
                Ports = [5432],
            },
            new()
            {
                Name = "search",
                Namespace = "search",
                PodSelector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "search" } },
                Ports = [9200, 9300],
            },
            new() { Name = "warehouse", Cidrs = ["10.60.0.4/32"], Ports = [5432] },
        ];
        return space;
    }

    public static ObservedSpace Observed(Space space) =>
        new() { Space = space, Namespace = NamespaceOf(space), Cluster = Cluster, Routers = [ServingRouter(space)] };

    /// <summary>The public router that serves a space, as it is when all is well.</summary>
    public static RouterState ServingRouter(Space space) =>
        new(space.Spec.Runtime == SpaceRuntime.Common
            ? RouterIdentity.Shared
            : new(RouterListener.Public, space.Metadata.Name))
        {
            Exists = true,
            Desired = 2,
            Available = 2,
            Addresses = ["192.0.2.1"],
        };

    /// <summary>The namespace as the operator makes it.</summary>
    public static NamespaceFacts NamespaceOf(Space space) =>
        NamespaceFacts.FromNamespace(SpacePlanner.Plan(new() { Space = space }, Options).Namespace!);

    public static App App(string name = "shop", params (string Type, int Quantity)[] formation) =>
        new()
        {
            Metadata = new() { Name = name, NamespaceProperty = "acme", Uid = $"uid-app-{name}", Generation = 1 },
            Spec = new()
            {
                Image = $"registry.example/{name}:1",
                Processes =
                [
                    .. formation.Select(
                        process => new ProcessSpec { Type = process.Type, Quantity = process.Quantity }),
                ],
            },
        };

    public static SpaceFacts ReadySpace(SpaceRuntime runtime = SpaceRuntime.Common, string name = "acme") =>
        new() { Name = name, Runtime = runtime, Region = "oregon" };

    public static ObservedApp Observed(App app) => new() { App = app, Space = ReadySpace() };

    public static Dyno Dyno(App app, string type, int index, long? release = 1) =>
        new()
        {
            Metadata = new()
            {
                Name = AppNames.Dyno(app.Metadata.Name, type, index),
                NamespaceProperty = app.Metadata.NamespaceProperty,
                Uid = $"uid-{app.Metadata.Name}-{type}-{index}",
                Generation = 1,
                Labels = AppDynos.Build(app, type, index, "", release ?? 1).Metadata.Labels,
                OwnerReferences = type == ProcessTypes.Run ? null : [OwnerReference(app)],
            },
            Spec = new() { App = app.Metadata.Name, ProcessType = type, Index = index, Release = release },
        };

    /// <summary>A dyno whose status says that it is up in its desired state.</summary>
    public static Dyno UpDyno(App app, string type, int index, long release = 1)
    {
        var dyno = Dyno(app, type, index, release);
        dyno.Status = new() { State = DynoState.Up, Release = release, ObservedGeneration = dyno.Metadata.Generation };
        return dyno;
    }

    public static ReleaseRecord Release(long number = 1, string image = "registry.example/shop:1") =>
        new() { Number = number, Hash = $"hash-{number}", Image = image };

    public static ObservedDyno Observed(Dyno dyno, App app, params PodFacts[] pods) =>
        new() { Dyno = dyno, App = app, Space = ReadySpace(), Releases = [Release()], Pods = pods };

    public static V1OwnerReference OwnerReference(App app) =>
        new()
        {
            ApiVersion = "dynospace.dev/v1alpha1",
            Kind = "App",
            Name = app.Metadata.Name,
            Uid = app.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };

    /// <summary>The facts of a pod as planned, once the API server has it.</summary>
    public static PodFacts PodOf(V1Pod pod, string uid = "uid-pod") =>
        new()
        {
            Namespace = pod.Metadata.NamespaceProperty,
            Name = pod.Metadata.Name,
            Uid = uid,
            OwnerUid = pod.Metadata.OwnerReferences[0].Uid,
            Dyno = pod.Metadata.Labels[Labels.Dyno],
            TemplateHash = pod.Metadata.Annotations[Annotations.TemplateHash],
            Release = long.Parse(
                pod.Metadata.Labels[Labels.Release], System.Globalization.CultureInfo.InvariantCulture),
            Phase = PodPhase.Running,
            LabelDigest = PodLabels.Digest(Labelled(pod)),
        };

    /// <summary>The labels of a pod as it is stored: the applier adds the owner's uid.</summary>
    private static Dictionary<string, string> Labelled(V1Pod pod) => new(pod.Metadata.Labels)
    {
        [Labels.OwnerUid] = pod.Metadata.OwnerReferences[0].Uid,
    };
}
