// Dns: plans the DNS of a space, which resolves the names of its dynos.

using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Children;
using Dynospace.Planning.Components;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Dns;

/// <summary>Decides whether a space has its own DNS, and plans its objects: CoreDNS with two replicas.</summary>
public static class SpaceDnsPlanner
{
    private const int Replicas = 2;
    private const string ContainerName = "coredns";
    private const string ConfigVolume = "config";
    private const string ConfigFolder = "/etc/coredns";
    private const string ConfigFile = "Corefile";

    /// <summary>The user of the published images.</summary>
    private const long User = 65532;

    /// <summary>The objects of the space's DNS; empty if it has none.</summary>
    public static IReadOnlyList<PlannedObject> Plan(Space space, ClusterFacts cluster, PlatformOptions options)
    {
        if (!options.Dns.ServesNames(space.Spec.Runtime))
        {
            return [];
        }

        var dns = new SpaceDnsIdentity(space.Metadata.Name);
        var corefile = Corefile.Build(space, options);
        return SystemComponent.ObjectsOf(
        [
            new()
            {
                Prerequisites =
                [
                    SpaceDnsPolicy.OfPods(dns, cluster, options),
                    ComponentParts.Account(dns.Metadata(options)),
                    .. Rights(dns, options),
                    new V1ConfigMap
                    {
                        ApiVersion = "v1",
                        Kind = "ConfigMap",
                        Metadata = dns.Metadata(options),
                        Data = new Dictionary<string, string>(1) { [ConfigFile] = corefile },
                    },
                ],
                Workload =
                [
                    Service(dns, options),
                    ComponentParts.Budget(dns.Metadata(options), dns.Selector()),
                    Deployment(dns, space, corefile, options),
                ],
            },
        ]);
    }

    /// <summary>
    /// Rights of CoreDNS's kubernetes plugin, which always watches the whole cluster, here by the labels of this space.
    /// They include no Secrets, and nothing that the cluster's DNS does not answer to every client.
    /// </summary>
    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> Rights(SpaceDnsIdentity dns, PlatformOptions options) =>
        ComponentParts.Rights(
            () => new() { Name = dns.ClusterName, Labels = dns.ObjectLabels() },
            [
                new() { ApiGroups = [""], Resources = ["namespaces", "services"], Verbs = ["list", "watch"] },
                new() { ApiGroups = ["discovery.k8s.io"], Resources = ["endpointslices"], Verbs = ["list", "watch"] },
            ],
            ComponentParts.Subject(dns.Name, options));

    private static V1Service Service(SpaceDnsIdentity dns, PlatformOptions options) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = dns.Metadata(options),
        Spec = new()
        {
            Type = "ClusterIP",
            ExternalIPs = [],
            Selector = dns.Selector(),
            IpFamilyPolicy = "PreferDualStack",
            Ports = [Port("dns", "UDP"), Port("dns-tcp", "TCP")],
        },
    };

    private static V1ServicePort Port(string name, string protocol) =>
        new() { Name = name, Protocol = protocol, Port = SpaceDnsPorts.Public, TargetPort = SpaceDnsPorts.Dns };

    private static V1Deployment Deployment(
        SpaceDnsIdentity dns, Space space, string corefile, PlatformOptions options) => new()
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Metadata = dns.Metadata(options),
            Spec = new()
            {
                Replicas = Replicas,
                Selector = new() { MatchLabels = dns.Selector() },
                Strategy = ComponentParts.Rolling(),
                Template = new()
                {
                    Metadata = new()
                    {
                        Labels = dns.ObjectLabels(),
                        // A new configuration replaces the pods: the kubelet takes up to a minute to update a mounted
                        // file.
                        Annotations = new Dictionary<string, string>(1)
                        {
                            [Annotations.TemplateHash] = new StableHash().Add(corefile).ToHex(),
                        },
                    },
                    Spec = PodSpec(dns, space, options),
                },
            },
        };

    private static V1PodSpec PodSpec(SpaceDnsIdentity dns, Space space, PlatformOptions options) => new()
    {
        ServiceAccountName = dns.Name,
        AutomountServiceAccountToken = true,
        EnableServiceLinks = false,
        HostNetwork = false,
        // Other names are forwarded to the cluster's DNS.
        DnsPolicy = "ClusterFirst",
        NodeSelector = options.Regions.NodesOf(space.Spec.Region),
        TopologySpreadConstraints = ComponentParts.SpreadOver(dns.Selector()),
        SecurityContext = ComponentParts.RunAs(User),
        Containers = [Container(options)],
        Volumes =
        [
            new()
            {
                Name = ConfigVolume,
                ConfigMap = new() { Name = dns.Name, Items = [new() { Key = ConfigFile, Path = ConfigFile }] },
            },
        ],
    };

    private static V1Container Container(PlatformOptions options) => new()
    {
        Name = ContainerName,
        Image = options.Dns.SpaceImage,
        ImagePullPolicy = "IfNotPresent",
        Args = ["-conf", $"{ConfigFolder}/{ConfigFile}"],
        Ports =
        [
            new() { Name = "dns", ContainerPort = SpaceDnsPorts.Dns, Protocol = "UDP" },
            new() { Name = "dns-tcp", ContainerPort = SpaceDnsPorts.Dns, Protocol = "TCP" },
        ],
        ReadinessProbe = new() { HttpGet = new() { Path = "/ready", Port = SpaceDnsPorts.Ready }, PeriodSeconds = 2 },
        LivenessProbe = new()
        {
            HttpGet = new() { Path = "/health", Port = SpaceDnsPorts.Health },
            PeriodSeconds = 10,
            InitialDelaySeconds = 10,
        },
        Resources = new()
        {
            Requests = new Dictionary<string, ResourceQuantity>
            {
                ["cpu"] = new("50m"),
                ["memory"] = new("64Mi"),
            },
            Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("256Mi") },
        },
        SecurityContext = new()
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            // The program in the published images has this file capability and does not start without it.
            Capabilities = new() { Drop = ["ALL"], Add = ["NET_BIND_SERVICE"] },
        },
        VolumeMounts = [new() { Name = ConfigVolume, MountPath = ConfigFolder, ReadOnlyProperty = true }],
    };
}
