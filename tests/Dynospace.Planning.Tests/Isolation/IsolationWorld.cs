using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using Dynospace.Reachability;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Tests.Isolation;

/// <summary>
/// A cluster of spaces and apps as the planners make it, beside pods that they know nothing of, for the evaluator to
/// judge.
/// </summary>
internal sealed class IsolationWorld
{
    public const string OwnNode = "node-1";
    public const string OtherNode = "node-2";
    private const string System = "dynospace-system";
    private readonly List<IKubernetesObject> _objects = [];
    private readonly List<PodEndpoint> _dynos = [];
    private readonly List<PodEndpoint> _others = [];
    private int _addresses;

    public IsolationWorld()
    {
        AddNode(OwnNode, "10.0.0.11", "2001:db8:1::11");
        AddNode(OtherNode, "10.0.0.12", "198.51.100.11");
        foreach (var name in new[] { "default", "kube-system", System, "search" })
        {
            _objects.Add(
                new V1Namespace
                {
                    Metadata = new()
                    {
                        Name = name,
                        Labels = new Dictionary<string, string> { [Labels.NamespaceName] = name },
                    },
                });
        }

        AddPod("kube-system", "kube-dns", ("k8s-app", "kube-dns"));
        AddPod("kube-system", "metrics", ("k8s-app", "metrics"));
        AddPod("default", "stranger", ("app", "stranger"));
        AddPod("default", "false-router", (Labels.Component, ComponentValues.RouterPublic));
        AddPod("search", "search", ("app", "search"));
        AddPod(System, "operator", ("app", "operator"));
        AddRouters(RouterPlanner.PlanShared(hasCommonSpaces: true, Cluster, Sample.Options), "shared-router");
    }

    public static ClusterFacts Cluster { get; } = Sample.Cluster with
    {
        NodeAddresses = ["10.0.0.11", "10.0.0.12", "198.51.100.11", "2001:db8:1::11"],
    };

    /// <summary>The pods of all dynos.</summary>
    public IReadOnlyList<PodEndpoint> Dynos => _dynos;

    /// <summary>All pods that are not dynos.</summary>
    public IReadOnlyList<PodEndpoint> Others => _others;

    public IEnumerable<PodEndpoint> Pods => _dynos.Concat(_others);

    public IEnumerable<IKubernetesObject> Objects => _objects;

    public ReachabilityEvaluator Evaluator() => new(ClusterSnapshot.From(_objects));

    /// <summary>
    /// A space's namespace and policies, its routers, a data service, and pods made by hand.
    /// </summary>
    public void AddSpace(Space space)
    {
        var plan = SpacePlanner.Plan(new() { Space = space, Cluster = Cluster }, Sample.Options);
        var name = space.Metadata.Name;
        plan.Namespace!.Metadata.Labels[Labels.NamespaceName] = name;
        _objects.Add(plan.Namespace);
        _objects.AddRange(plan.Policies);
        AddPod(name, "orders-db", ("app", "orders-db"));
        AddPod(name, "orders-db-replica", ("app", "orders-db"));
        AddPod(name, "made-by-hand", ("app", "made-by-hand"));
        AddPod(name, "made-by-hand-too", ("app", "made-by-hand"));
        AddCanaries(space);
        if (space.Spec.Runtime != SpaceRuntime.Common)
        {
            var routers = RouterPlanner.PlanSpace(
                space, [new("intranet", InternalRouting: true, [])], Cluster, Sample.Options);
            AddRouters(routers, $"{name}-public-router", $"{name}-internal-router");
        }
    }

    /// <summary>
    /// All dynos that the app's plan makes, two one-offs and a release phase, as pods named after their dynos.
    /// </summary>
    public void AddApp(Space space, App app)
    {
        app.Metadata.NamespaceProperty = space.Metadata.Name;
        app.Metadata.Uid = $"uid-{space.Metadata.Name}-{app.Metadata.Name}";
        app.Status = new() { Release = 1 };
        var facts = Sample.ReadySpace(space.Spec.Runtime, space.Metadata.Name);
        var release = ReleaseRecord.FromSpec(app.Spec, new Dictionary<string, SecretDigest>()) with { Number = 1 };
        var plan = AppPlanner.Plan(new() { App = app, Space = facts, Releases = [release] }, Sample.Options);
        Dyno[] oneOffs =
        [
            Sample.Dyno(app, ProcessTypes.Run, 1),
            Sample.Dyno(app, ProcessTypes.Run, 2),
            Sample.Dyno(app, ProcessTypes.Release, 1),
        ];
        foreach (var dyno in plan.Dynos.Concat(oneOffs))
        {
            dyno.Metadata.Uid = $"uid-{space.Metadata.Name}-{dyno.Metadata.Name}";
            AddDyno(new() { Dyno = dyno, App = app, Space = facts, Releases = [release] });
        }
    }

    private void AddCanaries(Space space)
    {
        var pods = new TrialPods("x");
        _others.Add(Add(CanaryPodBuilder.Target(space, pods, Sample.Options)));
        _others.Add(Add(CanaryPodBuilder.Probe(space, pods, ["10.244.1.1"], Sample.Options)));
    }

    /// <summary>A pod of each router as its Deployment would make it, and the policies that fence them.</summary>
    private void AddRouters(RouterPlan plan, params string[] names)
    {
        _objects.AddRange(plan.Children.All<V1NetworkPolicy>());
        foreach (var (deployment, name) in plan.Children.All<V1Deployment>().Zip(names))
        {
            AddPod(
                System, name, [.. deployment.Spec.Template.Metadata.Labels.Select(label => (label.Key, label.Value))]);
        }
    }

    private void AddDyno(ObservedDyno observed)
    {
        var pod = DynoPlanner.Plan(observed, Sample.Options).Pod!;
        pod.Metadata.Name = observed.Dyno.Metadata.Name;
        _dynos.Add(Add(pod));
    }

    private void AddPod(string ns, string name, params (string Key, string Value)[] labels) =>
        _others.Add(Add(new()
        {
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = ns,
                Labels = labels.ToDictionary(label => label.Key, label => label.Value),
            },
            Spec = new() { Containers = [new() { Name = "main" }] },
        }));

    private PodEndpoint Add(V1Pod pod)
    {
        var number = ++_addresses;
        pod.Spec.NodeName = OwnNode;
        pod.Status = new()
        {
            Phase = "Running",
            PodIP = string.Create(CultureInfo.InvariantCulture, $"10.244.1.{number}"),
            PodIPs =
            [
                new() { Ip = string.Create(CultureInfo.InvariantCulture, $"10.244.1.{number}") },
                new() { Ip = string.Create(CultureInfo.InvariantCulture, $"fd00:10:244:1::{number:x}") },
            ],
        };
        _objects.Add(pod);
        return Endpoint.Pod(pod.Metadata.NamespaceProperty, pod.Metadata.Name);
    }

    private void AddNode(string name, params string[] addresses) =>
        _objects.Add(new V1Node
        {
            Metadata = new() { Name = name },
            Spec = new() { PodCIDR = "10.244.1.0/24" },
            Status = new()
            {
                Addresses =
                [
                    .. addresses.Select(address => new V1NodeAddress { Type = "InternalIP", Address = address }),
                ],
            },
        });
}
