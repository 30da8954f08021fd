using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// The pods of a matrix that are not dynos: people made them, or they stand in for parts of the platform.
/// </summary>
internal sealed class Bystanders(
    Workload program, string space, string rival, string third, SpaceRuntime runtime)
{
    public const string System = "dynospace-system";
    public const string Stranger = "pod of another namespace";
    public const string Search = "search";

    private const string KubeSystem = "kube-system";

    /// <summary>A namespace of no space, with pods that no policy restricts.</summary>
    public string Elsewhere { get; } = $"{space}-elsewhere";

    public string SearchNamespace { get; } = $"{space}-search";

    /// <summary>All of them, by what the matrix calls them.</summary>
    public IEnumerable<(string Name, V1Pod Pod)> Pods()
    {
        yield return (Stranger, Pod(Elsewhere, "stranger"));
        yield return ("pod that imitates a router", Pod(
            Elsewhere, "false-router", (Labels.Component, ComponentValues.RouterPublic)));
        yield return ("data service elsewhere", Pod(SearchNamespace, Search, ("app", Search)));
        yield return ("another system pod", Pod(KubeSystem, $"{space}-metrics", ("k8s-app", "metrics")));
        yield return ("operator", Pod(System, $"{space}-operator", ("app", "operator")));
        yield return ("pod made by hand", Pod(space, "made-by-hand", ("app", "made-by-hand")));
        yield return ("pod made by hand in the space", Pod(space, "made-by-hand-too", ("app", "made-by-hand")));
        yield return ("data service", Pod(space, "orders-db", ("app", "orders-db")));
        yield return ("data service in the space", Pod(space, "orders-db-replica", ("app", "orders-db")));
        yield return ("data service of another space", Pod(rival, "orders-db", ("app", "orders-db")));
        yield return ("target", Canary(space, CanaryRoles.Target));
        yield return ("probe", Canary(space, CanaryRoles.Probe));
        yield return ("another space's probe", Canary(rival, CanaryRoles.Probe));
    }

    /// <summary>Stand-ins for routers.</summary>
    public IEnumerable<(string Name, V1Pod Pod)> Routers()
    {
        yield return ("shared router", Pod(
            System,
            $"{space}-shared-router",
            (Labels.Callers, Labels.CallersJudged),
            (Labels.Component, ComponentValues.RouterPublic),
            (Labels.Instance, ComponentValues.RouterPublic)));
        var other = runtime == SpaceRuntime.Common ? third : rival;
        yield return ("another space's public router", Router(
            other, ComponentValues.RouterPublic, (Labels.Callers, Labels.CallersJudged)));
        yield return ("another space's internal router", Router(other, ComponentValues.RouterInternal));
        if (runtime != SpaceRuntime.Common)
        {
            yield return ("the space's public router", Router(
                space, ComponentValues.RouterPublic, (Labels.Callers, Labels.CallersJudged)));
            yield return ("the space's internal router", Router(space, ComponentValues.RouterInternal));
        }
    }

    /// <summary>A pod on a node's own network: the node itself.</summary>
    public V1Pod OnNode(string node)
    {
        var pod = Pod(Elsewhere, $"on-{node}");
        pod.Spec.NodeName = node;
        pod.Spec.HostNetwork = true;
        pod.Spec.SecurityContext.Sysctls = null;
        pod.Spec.Containers[0].Command =
        [
            "busybox",
            "sh",
            "-c",
            "trap 'exit 0' TERM; while true; do busybox sleep 1 & wait $!; done",
        ];
        return pod;
    }

    /// <summary>
    /// As the operator makes them, but for their names, that they stay and that both can dial and listen.
    /// </summary>
    private V1Pod Canary(string of, string role) =>
        Pod(of, $"canary-{role}", (Labels.Component,
            ComponentValues.Canary), (Labels.Canary, role), (Labels.Space, of));

    private V1Pod Router(string of, string component, params (string Key, string Value)[] labels) => Pod(
        System,
        $"{of}-{component}",
        [
            .. labels,
            (Labels.Component, component),
            (Labels.Instance, $"{component}-{of}"),
            (Labels.Space, of),
        ]);

    /// <summary>Listens on low ports without being root.</summary>
    private V1Pod Pod(string ns, string name, params (string Key, string Value)[] labels)
    {
        var pod = RestrictedPod.Of(new(ns, name), program.Image, labels);
        pod.Spec.TerminationGracePeriodSeconds = 1;
        pod.Spec.SecurityContext.Sysctls = [new() { Name = "net.ipv4.ip_unprivileged_port_start", Value = "0" }];
        pod.Spec.Containers[0].ImagePullPolicy = "IfNotPresent";
        pod.Spec.Containers[0].Command = [.. program.Command];
        return pod;
    }
}
