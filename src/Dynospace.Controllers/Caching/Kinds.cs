using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Children;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Gateways;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

/// <summary>The kinds that the controllers read and write.</summary>
public static class Kinds
{
    public static ResourceKind Space { get; } = ResourceKind.For<Space>(isNamespaced: false);

    public static ResourceKind App { get; } = ResourceKind.For<App>();

    public static ResourceKind Dyno { get; } = ResourceKind.For<Dyno>();

    public static ResourceKind EgressGateway { get; } = ResourceKind.For<EgressGateway>(isNamespaced: false);

    public static ResourceKind NodeNetwork { get; } = ResourceKind.For<NodeNetwork>(isNamespaced: false);

    public static ResourceKind Namespace { get; } = ResourceKind.For<V1Namespace>();

    public static ResourceKind NetworkPolicy { get; } = ResourceKind.For<V1NetworkPolicy>();

    public static ResourceKind Service { get; } = ResourceKind.For<V1Service>();

    public static ResourceKind Pod { get; } = ResourceKind.For<V1Pod>();

    public static ResourceKind ConfigMap { get; } = ResourceKind.For<V1ConfigMap>();

    public static ResourceKind Secret { get; } = ResourceKind.For<V1Secret>();

    public static ResourceKind Node { get; } = ResourceKind.For<V1Node>();

    public static ResourceKind DaemonSet { get; } = ResourceKind.For<V1DaemonSet>();

    public static ResourceKind Deployment { get; } = ResourceKind.For<V1Deployment>();

    public static ResourceKind DisruptionBudget { get; } = ResourceKind.For<V1PodDisruptionBudget>();

    public static ResourceKind ServiceAccount { get; } = ResourceKind.For<V1ServiceAccount>();

    public static ResourceKind Role { get; } = ResourceKind.For<V1Role>();

    public static ResourceKind RoleBinding { get; } = ResourceKind.For<V1RoleBinding>();

    public static ResourceKind ClusterRole { get; } = ResourceKind.For<V1ClusterRole>();

    public static ResourceKind ClusterRoleBinding { get; } = ResourceKind.For<V1ClusterRoleBinding>();

    public static ResourceKind EndpointSlice { get; } = ResourceKind.For<V1EndpointSlice>();

    /// <summary>The client library has no type for it.</summary>
    public static ResourceKind ServiceCidr { get; } = new(
        "networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", IsNamespaced: false);

    public static ResourceKind ControllerRevision { get; } = ResourceKind.For<V1ControllerRevision>();

    private static readonly Dictionary<(string ApiVersion, string Kind), ResourceKind> ByName = new[]
    {
        Space,
        App,
        Dyno,
        EgressGateway,
        Namespace,
        NetworkPolicy,
        Service,
        Pod,
        ConfigMap,
        Secret,
        Node,
        DaemonSet,
        Deployment,
        DisruptionBudget,
        ServiceAccount,
        Role, RoleBinding, ClusterRole, ClusterRoleBinding, EndpointSlice, ControllerRevision,
    }.Concat(GatewayCatalog.Kinds
        .Append(ProviderKinds.Certificate)
        .Concat(EgressProviders.Kinds)
        .Select(ProviderCaches.KindOf))
        .ToDictionary(kind => (kind.ApiVersion, kind.Kind));

    /// <summary>The kind of a child.</summary>
    public static ResourceKind For(ChildIdentity child) =>
        ByName.TryGetValue((child.ApiVersion, child.Kind), out var kind)
            ? kind
            : throw new ArgumentException(
                $"{child.ApiVersion} {child.Kind} is not a kind that the controllers write.", nameof(child));

    /// <summary>The kind of a planned object.</summary>
    public static ResourceKind For(IKubernetesObject<V1ObjectMeta> content) =>
        content is ProviderObject part ? ProviderCaches.KindOf(part.Type) : For(ChildIdentity.FromObject(content));
}
