using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Components;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>Builds the Deployment of a router.</summary>
internal static class RouterDeploymentBuilder
{
    private const string ContainerName = "router";

    /// <summary>The user of .NET images.</summary>
    private const long User = 1654;

    /// <summary>The time between the end of draining and SIGKILL.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public static V1Deployment Build(RouterIdentity router, Space? space, PlatformOptions options) =>
        new()
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Metadata = router.Metadata(options),
            Spec = new()
            {
                Replicas = space is null
                    ? options.Router.SharedReplicas
                    : space.Spec.Router?.Replicas ?? SpaceDefaults.RouterReplicas,
                Selector = new() { MatchLabels = router.Selector() },
                Strategy = ComponentParts.Rolling(),
                Template = new()
                {
                    Metadata = new() { Labels = router.PodLabels() },
                    Spec = PodSpec(router, space, options),
                },
            },
        };

    private static V1PodSpec PodSpec(RouterIdentity router, Space? space, PlatformOptions options) =>
        new()
        {
            ServiceAccountName = router.Name,
            AutomountServiceAccountToken = true,
            // Set although it is the default: no policy would apply to a router in its node's network.
            HostNetwork = false,
            EnableServiceLinks = false,
            TerminationGracePeriodSeconds =
                (long)(options.Router.Drain + options.Router.DrainLead + Margin).TotalSeconds,
            NodeSelector = space is null ? null : options.Regions.NodesOf(space.Spec.Region),
            TopologySpreadConstraints = ComponentParts.SpreadOver(router.Selector()),
            SecurityContext = ComponentParts.RunAs(User),
            Containers = [Container(router, options)],
        };

    private static V1Container Container(RouterIdentity router, PlatformOptions options) =>
        new()
        {
            Name = ContainerName,
            Image = options.Router.Image,
            ImagePullPolicy = "IfNotPresent",
            Args = [.. Arguments(router, options)],
            Ports =
            [
                Port("http", RouterPorts.Http),
                Port("https", RouterPorts.Https),
                Port("health", RouterPorts.Health),
                Port("lines", RouterPorts.Lines),
            ],
            ReadinessProbe = new()
            {
                HttpGet = new() { Path = "/readyz", Port = RouterPorts.Health },
                PeriodSeconds = 2,
            },
            LivenessProbe = new()
            {
                HttpGet = new() { Path = "/healthz", Port = RouterPorts.Health },
                PeriodSeconds = 10,
                InitialDelaySeconds = 10,
            },
            Resources = new()
            {
                Requests = new Dictionary<string, ResourceQuantity>
                {
                    ["cpu"] = new("100m"),
                    ["memory"] = new("128Mi"),
                },
                Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("1Gi") },
            },
            SecurityContext = new()
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                Capabilities = new() { Drop = ["ALL"] },
            },
        };

    private static V1ContainerPort Port(string name, int number) =>
        new() { Name = name, ContainerPort = number, Protocol = "TCP" };

    /// <summary>
    /// Only what cannot change while a router runs, since a changed argument replaces its pods. The router watches
    /// everything else itself, such as its Space's spec.
    /// </summary>
    private static IEnumerable<string> Arguments(RouterIdentity router, PlatformOptions options)
    {
        yield return router.Listener == RouterListener.Public ? "--listener=public" : "--listener=internal";
        if (router.Space is { } space)
        {
            yield return $"--space={space}";
            if (router.Listener == RouterListener.Public)
            {
                yield return $"--systemNamespace={options.Cluster.SystemNamespace}";
            }
        }

        yield return $"--baseDomain={options.Router.BaseDomain}";
        yield return Number("port", options.Dynos.Port);
        yield return Number("httpPort", RouterPorts.Http);
        yield return Number("httpsPort", RouterPorts.Https);
        yield return Number("healthPort", RouterPorts.Health);
        yield return Number("linesPort", RouterPorts.Lines);
        yield return $"--linesService={RouterLines.FromRouter(router, options)}";
        yield return Number("drainSeconds", (int)options.Router.Drain.TotalSeconds);
        yield return Number("drainLeadSeconds", (int)options.Router.DrainLead.TotalSeconds);
        if (options.Router.ProxyProtocolFrom is { Count: > 0 } proxies && router.Listener == RouterListener.Public)
        {
            yield return $"--proxyProtocolFrom={string.Join(',', proxies)}";
        }

        if (options.Router.DefaultCertificate is { } certificate)
        {
            yield return $"--defaultCertificate={certificate}";
        }
    }

    private static string Number(string name, int value) =>
        string.Create(CultureInfo.InvariantCulture, $"--{name}={value}");
}
