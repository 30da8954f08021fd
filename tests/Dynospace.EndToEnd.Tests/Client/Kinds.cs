using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>The kinds that the tests write and look at.</summary>
internal static class Kinds
{
    public static ResourceKind Space { get; } = ResourceKind.For<Space>(isNamespaced: false);

    public static ResourceKind App { get; } = ResourceKind.For<App>();

    public static ResourceKind Dyno { get; } = ResourceKind.For<Dyno>();

    public static ResourceKind EgressGateway { get; } = ResourceKind.For<EgressGateway>(isNamespaced: false);

    public static ResourceKind NodeNetwork { get; } = ResourceKind.For<NodeNetwork>(isNamespaced: false);

    public static ResourceKind Namespace { get; } = ResourceKind.For<V1Namespace>();

    public static ResourceKind Node { get; } = ResourceKind.For<V1Node>();

    public static ResourceKind Pod { get; } = ResourceKind.For<V1Pod>();

    public static ResourceKind Service { get; } = ResourceKind.For<V1Service>();

    public static ResourceKind Policy { get; } = ResourceKind.For<V1NetworkPolicy>();

    public static ResourceKind ConfigMap { get; } = ResourceKind.For<V1ConfigMap>();

    public static ResourceKind Secret { get; } = ResourceKind.For<V1Secret>();

    public static ResourceKind Revision { get; } = ResourceKind.For<V1ControllerRevision>();

    public static ResourceKind Lease { get; } = ResourceKind.For<V1Lease>();

    public static ResourceKind ServiceAccount { get; } = ResourceKind.For<V1ServiceAccount>();

    public static ResourceKind ClusterRole { get; } = ResourceKind.For<V1ClusterRole>(isNamespaced: false);

    public static ResourceKind RoleBinding { get; } = ResourceKind.For<V1RoleBinding>();

    public static ResourceKind Deployment { get; } = ResourceKind.For<V1Deployment>();

    public static ResourceKind Budget { get; } = ResourceKind.For<V1PodDisruptionBudget>();

    public static ResourceKind EndpointSlice { get; } = ResourceKind.For<V1EndpointSlice>();

    public static ResourceKind Event { get; } = new("", "v1", "events", "Event", IsNamespaced: true);

    public static ResourceKind Definition { get; } = ResourceKind.For<V1CustomResourceDefinition>(isNamespaced: false);

    /// <summary>
    /// What <see cref="ClusterView"/> follows: all that the operator makes or answers with, and no Secret.
    /// </summary>
    public static IReadOnlyList<ResourceKind> Watched { get; } =
    [
        Space,
        App,
        Dyno,
        Namespace,
        Pod,
        Service,
        Policy,
        Revision,
        Lease,
        Deployment,
        Budget,
        Event,
    ];
}
