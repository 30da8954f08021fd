using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

/// <summary>The kinds that the controllers read and write.</summary>
internal static class Kinds
{
    public static ResourceKind Space { get; } = ResourceKind.For<Space>(isNamespaced: false);

    public static ResourceKind App { get; } = ResourceKind.For<App>();

    public static ResourceKind Dyno { get; } = ResourceKind.For<Dyno>();

    public static ResourceKind Namespace { get; } = ResourceKind.For<V1Namespace>();

    public static ResourceKind NetworkPolicy { get; } = ResourceKind.For<V1NetworkPolicy>();

    public static ResourceKind Service { get; } = ResourceKind.For<V1Service>();

    public static ResourceKind Pod { get; } = ResourceKind.For<V1Pod>();

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

    public static ResourceKind ControllerRevision { get; } = ResourceKind.For<V1ControllerRevision>();
}
