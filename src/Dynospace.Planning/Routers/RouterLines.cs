using Dynospace.Api;
using Dynospace.Planning.Components;
using Dynospace.Planning.Options;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>
/// How people read the lines of their own apps' requests: through the API server's proxy to a Service of the router,
/// which asks the API server whether they may. The right to that one Service and port is everybody's who signs in; it
/// opens nothing, since the router answers only those who may read logs in the app's namespace.
/// </summary>
public sealed record RouterLines(string Namespace, string Service)
{
    /// <summary>The port's name in the Service.</summary>
    public const string PortName = "lines";

    private const string Everybody = "system:authenticated";

    /// <summary>The Service's name in a path of the API server's proxy: TLS, the Service, the port.</summary>
    public string ProxyName => $"https:{Service}:{PortName}";

    /// <summary>The lines of a router.</summary>
    public static RouterLines FromRouter(RouterIdentity router, PlatformOptions options) =>
        new(options.Cluster.SystemNamespace, NameOf("lines", router));

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static RouterLines? Parse(string? text) =>
        text?.Split('/') is [{ Length: > 0 } ns, { Length: > 0 } service] ? new(ns, service) : null;

    /// <summary>As <see cref="Annotations.RouterLines"/> states it.</summary>
    public override string ToString() => $"{Namespace}/{Service}";

    /// <summary>Leads to all pods of the router, each of which has lines of its own; it has no address.</summary>
    internal static V1Service ServiceOf(RouterIdentity router, PlatformOptions options) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Metadata(router, "lines", options),
        Spec = new()
        {
            Type = "ClusterIP",
            ClusterIP = "None",
            Selector = router.Selector(),
            Ports =
            [
                new()
                {
                    Name = PortName,
                    Protocol = "TCP",
                    Port = RouterPorts.Lines,
                    TargetPort = RouterPorts.Lines,
                },
            ],
        },
    };

    /// <summary>
    /// Who reaches the Service, and the router's right to find its other pods.
    /// </summary>
    internal static IEnumerable<IKubernetesObject<V1ObjectMeta>> RightsOf(
        RouterIdentity router, PlatformOptions options)
    {
        var reader = new V1PolicyRule
        {
            ApiGroups = [""],
            Resources = ["services/proxy"],
            ResourceNames = [FromRouter(router, options).ProxyName],
            Verbs = ["get"],
        };
        var finder = new V1PolicyRule
        {
            ApiGroups = ["discovery.k8s.io"],
            Resources = ["endpointslices"],
            Verbs = ["list"],
        };
        var everybody = new Rbacv1Subject
        {
            ApiGroup = "rbac.authorization.k8s.io",
            Kind = "Group",
            Name = Everybody,
        };
        return
        [
            .. ComponentParts.Rights(() => Metadata(router, "lines", options), [reader], everybody),
            .. ComponentParts.Rights(
                () => Metadata(router, "peers", options), [finder], ComponentParts.Subject(router.Name, options)),
        ];
    }

    /// <summary>To ask whose token it is, and what its bearer may.</summary>
    internal static IEnumerable<V1PolicyRule> Reviews()
    {
        yield return new()
        {
            ApiGroups = ["authentication.k8s.io"],
            Resources = ["tokenreviews"],
            Verbs = ["create"],
        };
        yield return new()
        {
            ApiGroups = ["authorization.k8s.io"],
            Resources = ["subjectaccessreviews"],
            Verbs = ["create"],
        };
    }

    private static V1ObjectMeta Metadata(RouterIdentity router, string what, PlatformOptions options)
    {
        var metadata = router.Metadata(options);
        metadata.Name = NameOf(what, router);
        return metadata;
    }

    /// <summary>In front, so that no space's name makes it another router's.</summary>
    private static string NameOf(string what, RouterIdentity router) => router.Space is { } space
        ? ComponentName.Shortened($"{what}-{router.Component}-{space}")
        : $"{what}-{router.Component}";
}
