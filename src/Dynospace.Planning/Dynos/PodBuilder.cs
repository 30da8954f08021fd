using System.Globalization;
using Dynospace.Api;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Dns;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Releases;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// Builds the pod of a dyno. Everything that Pod Security <c>restricted</c> requires is set here and nowhere else.
/// Tenants can set only image, command, environment and size.
/// </summary>
internal static class PodBuilder
{
    /// <summary>The only container that is not an init container.</summary>
    public const string ContainerName = ContainerNames.Dyno;

    /// <summary>
    /// How long a web dyno runs after its deletion before it receives SIGTERM. Routers learn of the deletion within a
    /// second, so no new request arrives after the signal, and short requests end even if the program exits at once.
    /// </summary>
    private static readonly TimeSpan RotationLead = TimeSpan.FromSeconds(2);

    public static V1Pod Build(PodTemplate template, string name, string templateHash, PlatformOptions options)
    {
        var dyno = template.Dyno;
        return new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = dyno.Metadata.NamespaceProperty,
                Labels = ChildLabels.OfPod(dyno, template.Release.Number, template.Routing),
                Annotations = PodAnnotations(template, templateHash),
                OwnerReferences = [Owners.ReferenceTo(dyno)],
            },
            Spec = Spec(template, options),
        };
    }

    private static Dictionary<string, string> PodAnnotations(PodTemplate template, string templateHash)
    {
        var annotations = new Dictionary<string, string>(4)
        {
            [Annotations.TemplateHash] = templateHash,
            [Annotations.SafeToEvict] = "true",
        };
        foreach (var address in template.OutboundIPs)
        {
            annotations[AddressBlock.IsV6Text(address) ? Annotations.OutboundIP6 : Annotations.OutboundIP] = address;
        }

        return annotations;
    }

    private static V1PodSpec Spec(PodTemplate template, PlatformOptions options)
    {
        var isFormation = !OneOff.Is(template.Dyno);
        var (type, index) = (template.Dyno.Spec.ProcessType, template.Number);
        return new()
        {
            RestartPolicy = isFormation ? "Always" : "Never",
            // With the headless Service as subdomain, the cluster's DNS resolves each dyno of a formation by its
            // number.
            Hostname = isFormation ? $"{type}-{index}" : null,
            Subdomain = isFormation ? AppNames.HeadlessService(template.Dyno.Spec.App, type) : null,
            // Kubernetes counts from before the preStop hook.
            TerminationGracePeriodSeconds =
                (long)(options.Dynos.ShutdownTimeout + (template.IsWeb ? RotationLead : TimeSpan.Zero)).TotalSeconds,
            ActiveDeadlineSeconds = type == ProcessTypes.Release
                ? (long)options.Releases.PhaseTimeout.TotalSeconds
                : null,
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            NodeSelector = options.Regions.NodesOf(template.Space.Region),
            SecurityContext = new()
            {
                RunAsNonRoot = true,
                RunAsUser = options.Dynos.RunAsUser,
                // Without an explicit group the process would have root's, since the user need not exist in the image.
                RunAsGroup = options.Dynos.RunAsUser,
                SeccompProfile = new() { Type = "RuntimeDefault" },
            },
            ImagePullSecrets = template.Release.ImagePullSecrets.Count > 0
                ? [.. template.Release.ImagePullSecrets.Select(secret => new V1LocalObjectReference { Name = secret })]
                : null,
            DnsPolicy = template.Space.DnsAddresses.Length > 0 ? "None" : null,
            DnsConfig = template.Space.DnsAddresses.Length > 0 ? ResolverOf(template.Space, options) : null,
            InitContainers = InitContainers(template, options) is { Count: > 0 } before ? before : null,
            Containers = [Container(template, options)],
            Volumes = RunRecorder.Volumes(template),
        };
    }

    private static IList<V1Container> InitContainers(PodTemplate template, PlatformOptions options) =>
    [
        .. Gate.Build(template, options) is { } gate ? [gate] : Array.Empty<V1Container>(),
        .. RunRecorder.Containers(template, options),
    ];

    /// <summary>
    /// The space's own DNS, with the search domains that the kubelet sets for the cluster's, so that short names of
    /// Services resolve.
    /// </summary>
    private static V1PodDNSConfig ResolverOf(SpaceFacts space, PlatformOptions options)
    {
        var domain = options.Dns.ClusterDomain;
        return new()
        {
            Nameservers = [.. space.DnsAddresses.Split(',')],
            Searches = [$"{space.Name}.svc.{domain}", $"svc.{domain}", domain],
            Options = [new() { Name = "ndots", Value = "5" }],
        };
    }

    private static V1Container Container(PodTemplate template, PlatformOptions options)
    {
        var command = RunRecorder.Command(template);
        return new()
        {
            Name = ContainerName,
            Image = template.Release.Image,
            ImagePullPolicy = options.Dynos.ImagePullPolicy,
            Command = command.Count > 0 ? [.. command] : null,
            // Once: when the attached client leaves, the input ends, which ends a shell.
            Stdin = template.Dyno.Spec.Stdin,
            StdinOnce = template.Dyno.Spec.Stdin,
            Tty = template.Dyno.Spec.Stdin == true ? template.Dyno.Spec.Tty : null,
            // The App shows the last lines of a failed phase.
            TerminationMessagePolicy = template.Dyno.Spec.ProcessType == ProcessTypes.Release
                ? "FallbackToLogsOnError"
                : null,
            Env = PodEnvironment.Variables(template, options),
            EnvFrom = PodEnvironment.Sources(template),
            Ports = template.IsWeb
                ? [new() { Name = "http", ContainerPort = options.Dynos.Port, Protocol = "TCP" }]
                : null,
            VolumeMounts = RunRecorder.Mounts(template),
            Resources = options.Dynos.Sizes.FromName(template.Dyno.Spec.Size).Resources,
            StartupProbe = template.IsWeb ? BootProbe(options) : null,
            ReadinessProbe = template.IsWeb ? HealthProbe(template.HealthCheckPath, options) : null,
            Lifecycle = template.IsWeb
                ? new() { PreStop = new() { Sleep = new() { Seconds = (long)RotationLead.TotalSeconds } } }
                : null,
            SecurityContext = new()
            {
                AllowPrivilegeEscalation = false,
                Capabilities = new() { Drop = ["ALL"] },
            },
        };
    }

    /// <summary>A dyno that fails this probe receives no requests but keeps running.</summary>
    private static V1Probe HealthProbe(string? path, PlatformOptions options) =>
        path is null
            ? new() { TcpSocket = new() { Port = options.Dynos.Port }, PeriodSeconds = 5 }
            : new()
            {
                HttpGet = new() { Path = path, Port = options.Dynos.Port },
                PeriodSeconds = 5,
                TimeoutSeconds = 5,
            };

    /// <summary>One try a second: a fast boot is noticed at once, and a slow one is stopped in time.</summary>
    private static V1Probe BootProbe(PlatformOptions options) =>
        new()
        {
            TcpSocket = new() { Port = options.Dynos.Port },
            PeriodSeconds = 1,
            FailureThreshold = Math.Max(1, (int)options.Dynos.BootTimeout.TotalSeconds),
        };
}

/// <summary>
/// The environment of a dyno. Variables take precedence over sources, and later sources over earlier ones, as
/// Kubernetes defines.
/// </summary>
internal static class PodEnvironment
{
    private const string Dyno = "DYNO";
    private const string Port = "PORT";
    private const string PrivateIP = "DYNO_PRIVATE_IP";
    private const string AppName = "DYNO_DNS_APP_NAME";
    private const string FormationName = "DYNO_DNS_FORMATION_NAME";
    private const string DynoName = "DYNO_DNS_DYNO_NAME";

    public static IList<V1EnvVar> Variables(PodTemplate template, PlatformOptions options)
    {
        var variables = new List<V1EnvVar>(template.Release.Config.Count + 2);
        var spec = template.Dyno.Spec;
        var own = spec.Env ?? new Dictionary<string, string>();
        IReadOnlyList<V1EnvVar> platform = [.. OfPlatform(template, options)];
        var names = platform.Select(variable => variable.Name).Append(Port).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in template.Release.Config.Where(pair => !own.ContainsKey(pair.Key))
            .Concat(own.OrderBy(pair => pair.Key, StringComparer.Ordinal)))
        {
            if (!names.Contains(name))
            {
                variables.Add(new() { Name = name, Value = Literal(value) });
            }
        }

        variables.AddRange(platform);
        return variables;
    }

    private static IEnumerable<V1EnvVar> OfPlatform(PodTemplate template, PlatformOptions options)
    {
        var (app, type) = (template.Dyno.Spec.App, template.Dyno.Spec.ProcessType);
        yield return new()
        {
            Name = Dyno,
            Value = string.Create(CultureInfo.InvariantCulture, $"{type}.{template.Number}"),
        };
        if (template.IsWeb)
        {
            yield return new() { Name = Port, Value = options.Dynos.Port.ToString(CultureInfo.InvariantCulture) };
        }

        if (template.Space.DnsAddresses.Length == 0)
        {
            yield break;
        }

        yield return new() { Name = AppName, Value = DnsNames.OfApp(app) };
        if (!OneOff.Is(template.Dyno))
        {
            yield return new() { Name = FormationName, Value = DnsNames.OfFormation(app, type) };
            yield return new() { Name = DynoName, Value = DnsNames.OfDyno(app, type, template.Number) };
        }

        yield return new()
        {
            Name = PrivateIP,
            ValueFrom = new() { FieldRef = new() { ApiVersion = "v1", FieldPath = "status.podIP" } },
        };
    }

    public static IList<V1EnvFromSource>? Sources(PodTemplate template) =>
        template.Release.ConfigFrom.Count == 0
            ? null
            :
            [
                .. SourceNames(
                    template.Release).Select(secret => new V1EnvFromSource { SecretRef = new() { Name = secret } }),
            ];

    private static IReadOnlyList<string> SourceNames(ReleaseRecord release) =>
        release.KeptIn.Count > 0 ? release.KeptIn : release.ConfigFrom;

    /// <summary>
    /// Escapes dollar signs: the kubelet expands $(NAME) in values and reads $$ as one dollar sign, but config vars are
    /// literal.
    /// </summary>
    private static string Literal(string value) => value.Replace("$", "$$", StringComparison.Ordinal);
}
