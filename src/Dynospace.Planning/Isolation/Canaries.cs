using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Isolation;

// The pods of a trial: their ports, what they run, and the one policy that is about them.

/// <summary>The ports on which a target listens, all of them.</summary>
internal static class CanaryPorts
{
    /// <summary>The policies let the probe out to it and into the target.</summary>
    public const int Open = 7001;

    /// <summary>The policies let the probe out to it and not into the target.</summary>
    public const int ShutAtTarget = 7002;

    /// <summary>The policies let the probe into the target and not out to it.</summary>
    public const int ShutAtProbe = 7003;
}

/// <summary>
/// What canaries run, in the words that every busybox knows. An answer counts, not a connection: something on the way
/// may accept connections for others.
/// </summary>
internal static class CanaryScripts
{
    /// <summary>The folder that the target serves.</summary>
    public const string Folder = "/canary";

    /// <summary>Variable: what the target answers, which no other pod does.</summary>
    public const string Answer = "ANSWER";

    /// <summary>
    /// Variable of the probe: the target's addresses as they stand in URLs, separated by spaces. A network may enforce
    /// policies in one family and not in the other, so the probe tries each.
    /// </summary>
    public const string TargetHosts = "TARGETS";

    /// <summary>Exit code of the probe: what must not pass was seen not to pass, and what must pass to pass.</summary>
    public const int Enforced = 0;

    /// <summary>Exit code: the port that the target's side must shut answered to the last.</summary>
    public const int EntersTarget = 11;

    /// <summary>Exit code: the port that the probe's side must shut answered to the last.</summary>
    public const int LeavesProbe = 12;

    /// <summary>Exit code: both.</summary>
    public const int EntersAndLeaves = 13;

    /// <summary>Exit code: what must pass did not.</summary>
    public const int NothingPasses = 20;

    /// <summary>Added to an exit code that is about the target's second address.</summary>
    public const int OfSecondAddress = 30;

    private static readonly string Open = Number(CanaryPorts.Open);
    private static readonly string ShutAtTarget = Number(CanaryPorts.ShutAtTarget);
    private static readonly string ShutAtProbe = Number(CanaryPorts.ShutAtProbe);

    /// <summary>Answers on all ports, without a moment in which one does not listen.</summary>
    public static string Target { get; } =
        $"echo \"${Answer}\" > {Folder}/index.html && busybox httpd -p {Open} -h {Folder} && busybox httpd -p "
        + $"{ShutAtTarget} -h {Folder} && exec busybox httpd -f -p {ShutAtProbe} -h {Folder}";

    /// <summary>
    /// Whether all ports answer, asked inside the target: a port on which nobody listens would look shut.
    /// </summary>
    public static string Listens { get; } =
        $"for port in {Open} {ShutAtTarget} {ShutAtProbe}; do "
        + "busybox timeout 2 busybox wget -q -O /dev/null http://127.0.0.1:$port/ || exit 1; done";

    /// <summary>
    /// Policies come into force some time after a pod starts, so each port gets twenty tries to become what it must be.
    /// What is shut must be so twice in a row, and the open port must answer at the end too, or the silence of a target
    /// that died would count.
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

/// <summary>Makes the pods of a trial: as hardened as a dyno's, tiny, and no dyno to any policy.</summary>
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

    /// <summary>The pod that tries them, and whose exit code is the result.</summary>
    /// <param name="addresses">The target's, one of each family that it has.</param>
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
                // The target's process is the first of its container, to which SIGTERM means nothing.
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
/// The policy <c>canary</c>: of three ports of the target, one is open to the probe, and of the others one is shut at
/// either end, so that a trial tells a network which enforces both directions from one which enforces half. The one
/// that imitates a canary's labels in the namespace reaches other such pods on the open port, and nothing else that a
/// dyno or anybody but them would answer on.
/// </summary>
public static class CanaryPolicy
{
    /// <summary>Closes the pods of a trial except for what the trial opens on purpose.</summary>
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
