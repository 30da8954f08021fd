using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using k8s.Models;

namespace Dynospace.Planning.Isolation;

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
        var container = Container(CanaryScripts.Target, [new() { Name = CanaryScripts.Answer, Value = pods.Answer }], options);
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
    public static V1Pod Probe(Space space, TrialPods pods, string address, PlatformOptions options)
    {
        var host = address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        var container = Container(
            CanaryScripts.Probe,
            [new() { Name = CanaryScripts.Answer, Value = pods.Answer }, new() { Name = CanaryScripts.TargetHost, Value = host }],
            options);
        var pod = Pod(space, pods.Probe, CanaryRoles.Probe, SecondsToProbe, container, options);
        pod.Spec.Affinity = ApartFrom(CanaryRoles.Target);
        return pod;
    }

    private static V1Pod Pod(Space space, string name, string role, long secondsToLive, V1Container container, PlatformOptions options)
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
                NodeSelector = options.Regions.IsRequired
                    ? new Dictionary<string, string>(1) { [options.Regions.Label] = options.Regions.ValueOf(space.Spec.Region) }
                    : null,
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
                Requests = new Dictionary<string, ResourceQuantity>(2) { ["cpu"] = new("5m"), ["memory"] = new("16Mi") },
                Limits = new Dictionary<string, ResourceQuantity>(2) { ["cpu"] = new("100m"), ["memory"] = new("32Mi") },
            },
            SecurityContext = new()
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                Capabilities = new() { Drop = ["ALL"] },
            },
        };

    /// <summary>Where there is another node, packets shall cross the network between them.</summary>
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
