using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Isolation;

// The pods of a trial: their ports, their scripts and their policy.

/// <summary>The ports on which a target listens.</summary>
internal static class CanaryPorts
{
    /// <summary>Policies allow this port at both ends.</summary>
    public const int Open = 7001;

    /// <summary>Policies allow egress from the probe, but not ingress to the target.</summary>
    public const int ShutAtTarget = 7002;

    /// <summary>Policies allow ingress to the target, but not egress from the probe.</summary>
    public const int ShutAtProbe = 7003;
}

/// <summary>
/// The scripts of canaries, which run with every busybox. They test for an answer and not for a connection, since a
/// proxy on the way may accept connections.
/// </summary>
internal static class CanaryScripts
{
    /// <summary>The folder that the target serves.</summary>
    public const string Folder = "/canary";

    /// <summary>Variable: the target's answer, which is unique to it.</summary>
    public const string Answer = "ANSWER";

    /// <summary>
    /// Variable of the probe: the target's addresses in URL form, separated by spaces. A network may enforce policies
    /// for one family only, so the probe tries each.
    /// </summary>
    public const string TargetHosts = "TARGETS";

    /// <summary>Exit code of the probe: allowed connections passed and forbidden ones did not.</summary>
    public const int Enforced = 0;

    /// <summary>Exit code: the port that is closed by ingress rules of the target answered until the end.</summary>
    public const int EntersTarget = 11;

    /// <summary>Exit code: the port that is closed by egress rules of the probe answered until the end.</summary>
    public const int LeavesProbe = 12;

    /// <summary>Exit code: both closed ports answered.</summary>
    public const int EntersAndLeaves = 13;

    /// <summary>Exit code: allowed connections did not pass.</summary>
    public const int NothingPasses = 20;

    /// <summary>Added to an exit code that concerns the target's second address.</summary>
    public const int OfSecondAddress = 30;

    private static readonly string Open = Number(CanaryPorts.Open);
    private static readonly string ShutAtTarget = Number(CanaryPorts.ShutAtTarget);
    private static readonly string ShutAtProbe = Number(CanaryPorts.ShutAtProbe);

    /// <summary>Script of the target: answers on all ports, without a gap between requests.</summary>
    public static string Target { get; } =
        $"echo \"${Answer}\" > {Folder}/index.html && busybox httpd -p {Open} -h {Folder} && busybox httpd -p "
        + $"{ShutAtTarget} -h {Folder} && exec busybox httpd -f -p {ShutAtProbe} -h {Folder}";

    /// <summary>
    /// Script of the target's readiness probe: whether all ports answer. A port without a listener would look closed.
    /// </summary>
    public static string Listens { get; } =
        $"for port in {Open} {ShutAtTarget} {ShutAtProbe}; do "
        + "busybox timeout 2 busybox wget -q -O /dev/null http://127.0.0.1:$port/ || exit 1; done";

    /// <summary>
    /// Script of the probe. Policies come into force some time after a pod starts, so each port gets twenty tries to
    /// reach its expected state. A closed port must be closed twice in a row. The open port must answer at the end as
    /// well, or a dead target would count as closed.
    /// </summary>
    public static string Probe { get; } = $$"""
        answers() { [ "$({{Get}})" = "${{Answer}}" ]; }
        left=20
        again() { left=$((left - 1)); [ $left -gt 0 ] && busybox sleep 1; }
        address=0
        for host in ${{TargetHosts}}; do
          until answers {{Open}}; do again || exit $((address + {{NothingPasses}})); done
          shut=0
          while [ $shut -lt 2 ]; do
            open=0
            answers {{ShutAtTarget}} && open=$((open + 1))
            answers {{ShutAtProbe}} && open=$((open + 2))
            if [ $open = 0 ]; then shut=$((shut + 1)); continue; fi
            shut=0
            again || exit $((address + {{EntersTarget - 1}} + open))
          done
          until answers {{Open}}; do again || exit $((address + {{NothingPasses}})); done
          address={{OfSecondAddress}}
        done
        """.ReplaceLineEndings("\n") + "\n";

    private static string Get => """busybox timeout 2 busybox wget -q -O - "http://$host:$1/" 2>/dev/null""";

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Builds the pods of a trial: small, as hardened as a dyno's pod, and without the labels of dynos.</summary>
internal static class CanaryPodBuilder
{
    /// <summary>The only container.</summary>
    public const string ContainerName = ContainerNames.Canary;

    private const long SecondsToLive = 300;
    private const long SecondsToProbe = 150;

    /// <summary>The pod that answers on all ports.</summary>
    public static V1Pod Target(Space space, TrialPods pods, PlatformOptions options)
    {
        var container = Container(
            CanaryScripts.Target, [new() { Name = CanaryScripts.Answer, Value = pods.Answer }], options);
        container.VolumeMounts = [new() { Name = ContainerName, MountPath = CanaryScripts.Folder }];
        container.ReadinessProbe = new()
        {
            Exec = new() { Command = ["busybox", "sh", "-c", CanaryScripts.Listens] },
            PeriodSeconds = 2,
            TimeoutSeconds = 10,
        };
        var pod = Pod(space, pods.Target, CanaryRoles.Target, SecondsToLive, container, options);
        pod.Spec.Volumes = [new() { Name = ContainerName, EmptyDir = new() { SizeLimit = new("1Mi") } }];
        return pod;
    }

    /// <summary>The pod that tries the ports. Its exit code is the result.</summary>
    /// <param name="addresses">The target's addresses, one of each family.</param>
    public static V1Pod Probe(
        Space space, TrialPods pods, IReadOnlyList<string> addresses, PlatformOptions options)
    {
        var hosts = addresses.Select(
            address => AddressBlock.IsV6Text(address) ? $"[{address}]" : address);
        var container = Container(
            CanaryScripts.Probe,
            [
                new() { Name = CanaryScripts.Answer, Value = pods.Answer },
                new() { Name = CanaryScripts.TargetHosts, Value = string.Join(' ', hosts) },
            ],
            options);
        var pod = Pod(space, pods.Probe, CanaryRoles.Probe, SecondsToProbe, container, options);
        pod.Spec.Affinity = ApartFrom(CanaryRoles.Target);
        return pod;
    }

    private static V1Pod Pod(
        Space space, string name, string role, long secondsToLive, V1Container container, PlatformOptions options)
    {
        var labels = ChildLabels.OfSpace(space.Metadata.Name);
        labels[Labels.Component] = ComponentValues.Canary;
        labels[Labels.Canary] = role;
        return new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new() { Name = name, NamespaceProperty = space.Metadata.Name, Labels = labels },
            Spec = new()
            {
                RestartPolicy = "Never",
                // The target's process has PID 1 in its container and ignores SIGTERM.
                TerminationGracePeriodSeconds = 1,
                ActiveDeadlineSeconds = secondsToLive,
                AutomountServiceAccountToken = false,
                EnableServiceLinks = false,
                NodeSelector = options.Regions.NodesOf(space.Spec.Region),
                SecurityContext = new()
                {
                    RunAsNonRoot = true,
                    RunAsUser = options.Dynos.RunAsUser,
                    SeccompProfile = new() { Type = "RuntimeDefault" },
                },
                Containers = [container],
            },
        };
    }

    private static V1Container Container(string script, IList<V1EnvVar> variables, PlatformOptions options) =>
        new()
        {
            Name = ContainerName,
            Image = options.Isolation.CanaryImage,
            ImagePullPolicy = "IfNotPresent",
            Command = ["busybox", "sh", "-c", script],
            Env = variables,
            Resources = new()
            {
                Requests = new Dictionary<string, ResourceQuantity>(2)
                {
                    ["cpu"] = new("5m"),
                    ["memory"] = new("16Mi"),
                },
                Limits = new Dictionary<string, ResourceQuantity>(2)
                {
                    ["cpu"] = new("100m"),
                    ["memory"] = new("32Mi"),
                },
            },
            SecurityContext = new()
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                Capabilities = new() { Drop = ["ALL"] },
            },
        };

    /// <summary>Prefers another node, so that packets cross the network between the two.</summary>
    private static V1Affinity ApartFrom(string role) =>
        new()
        {
            PodAntiAffinity = new()
            {
                PreferredDuringSchedulingIgnoredDuringExecution =
                [
                    new()
                    {
                        Weight = 100,
                        PodAffinityTerm = new()
                        {
                            TopologyKey = "kubernetes.io/hostname",
                            LabelSelector = Policies.Selectors.Canary(role),
                        },
                    },
                ],
            },
        };
}

/// <summary>
/// The policy <c>canary</c>: of three ports of the target, one is open to the probe and each of the others is closed at
/// one end, so that a trial detects a network that enforces one direction only. A pod that imitates a canary's labels
/// reaches only other such pods, on the open port.
/// </summary>
public static class CanaryPolicy
{
    /// <summary>The policy, which allows only the connections that the trial needs.</summary>
    public static V1NetworkPolicy Build(PolicyBuilder builder) =>
        builder.Both(
            PolicyNames.Canary,
            Selectors.Canaries,
            new()
            {
                FromProperty = [new() { PodSelector = Selectors.Canary(CanaryRoles.Probe) }],
                Ports = Ports.TcpOnly([CanaryPorts.Open, CanaryPorts.ShutAtProbe]),
            },
            new()
            {
                To = [new() { PodSelector = Selectors.Canary(CanaryRoles.Target) }],
                Ports = Ports.TcpOnly([CanaryPorts.Open, CanaryPorts.ShutAtTarget]),
            });
}
