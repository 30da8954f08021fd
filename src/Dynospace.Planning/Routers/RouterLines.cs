using Dynospace.Api;
using Dynospace.Planning.Components;
using Dynospace.Planning.Options;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>
/// Access of users to the log lines of their apps' requests: through the API server's proxy to a Service of the router,
/// which asks the API server whether the user may read them. All authenticated users have the right to that one Service
/// and port. That is safe, since the router answers only users who may read logs in the app's namespace.
/// </summary>
public sealed record RouterLines(string Namespace, string Service)
{
    /// <summary>The port's name in the Service.</summary>
    public const string PortName = "lines";

    private const string Everybody = "system:authenticated";

    /// <summary>The Service's name in a path of the API server's proxy: scheme, Service and port.</summary>
    public string ProxyName => $"https:{Service}:{PortName}";

    /// <summary>The access to a router's lines.</summary>
    public static RouterLines FromRouter(RouterIdentity router, PlatformOptions options) =>
        new(options.Cluster.SystemNamespace, NameOf("lines", router));

    /// <summary>Parses the output of <see cref="ToString"/>; null for anything else.</summary>
    public static RouterLines? Parse(string? text) =>
        text?.Split('/') is [{ Length: > 0 } ns, { Length: > 0 } service] ? new(ns, service) : null;

    /// <summary>The value of <see cref="Annotations.RouterLines"/>.</summary>
    public override string ToString() => $"{Namespace}/{Service}";

    /// <summary>A headless Service of all pods of the router, each of which has its own lines.</summary>
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

    /// <summary>The users' right to the Service, and the router's right to find its other pods.</summary>
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

    /// <summary>The router's right to have tokens and permissions reviewed.</summary>
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

    /// <summary>The name with a prefix, so that no space's name makes it equal to another router's.</summary>
    private static string NameOf(string what, RouterIdentity router) => router.Space is { } space
        ? ComponentName.Shortened($"{what}-{router.Component}-{space}")
        : $"{what}-{router.Component}";
}
