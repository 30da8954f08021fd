using System.Globalization;

namespace Dynospace.Api;

/// <summary>Annotations that the operator reads or writes.</summary>
public static class Annotations
{
    /// <summary>On a namespace that exists already: the name of the Space that may take it over.</summary>
    public const string Adopt = "dynospace.dev/adopt";

    /// <summary>A hash of what the operator last applied, by which it sees that a field it set is gone.</summary>
    public const string Applied = "dynospace.dev/applied";

    /// <summary>On the revision of a release: the field manager that changed the App's spec for it.</summary>
    public const string ChangedBy = "dynospace.dev/changed-by";

    /// <summary>
    /// On an App: any other value than before replaces its dynos, a quarter of each process type at a time, without a
    /// release. <c>kubectl annotate</c> does as well as the command's restart.
    /// </summary>
    public const string RestartedAt = "dynospace.dev/restarted-at";

    /// <summary>The same for the dynos of one process type, <c>dynospace.dev/restarted-at.web</c>.</summary>
    public static string RestartedAtOf(string processType) => $"{RestartedAt}.{processType}";

    /// <summary>The same for one dyno, <c>dynospace.dev/restarted-at.web.1</c>.</summary>
    public static string RestartedAtOf(string processType, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{RestartedAt}.{processType}.{index}");

    /// <summary>
    /// On the pod of a dyno in a space with fixed IPs: the one that its IPv4 packets leave from. Set when the pod is
    /// made; node agents believe it only where the EgressGateway of the pod's namespace has the address.
    /// </summary>
    public const string OutboundIP = "dynospace.dev/outbound-ip";

    /// <summary>The same for IPv6.</summary>
    public const string OutboundIP6 = "dynospace.dev/outbound-ip6";

    /// <summary>
    /// On a Node: fixed IPs, separated by commas, that the network routes to it besides the addresses of its status.
    /// </summary>
    public const string EgressIPs = "dynospace.dev/egress-ips";

    /// <summary>
    /// On an App: <c>true</c> where the operator wrote <c>spec.replicas</c>. A backup keeps it, and field managers not.
    /// </summary>
    public const string MirroredReplicas = "dynospace.dev/mirrored-replicas";

    /// <summary>
    /// On a space's policies that admit its router: the Service in the system namespace, <c>namespace/name</c>, by
    /// which people who may read logs in the space read the lines of their apps' requests.
    /// </summary>
    public const string RouterLines = "dynospace.dev/router-lines";

    /// <summary>
    /// On the first of a space's policies: the sizes of dynos that the platform team replaced or added, as the option
    /// <c>dynoSizes</c> states them. Absent where there are none.
    /// </summary>
    public const string DynoSizes = "dynospace.dev/dyno-sizes";

    /// <summary>On a pod: Cluster Autoscaler may evict it, though it does not know the pod's owner.</summary>
    public const string SafeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict";

    /// <summary>On a Secret that keeps the values of a release: the hash of that release.</summary>
    public const string ReleaseHash = "dynospace.dev/release-hash";

    /// <summary>On a pod: the hash of the template it was made from; another hash means another pod.</summary>
    public const string TemplateHash = "dynospace.dev/template-hash";

    /// <summary>On the record of a granted host: the time since which its App is missing.</summary>
    public const string VacantSince = "dynospace.dev/vacant-since";

    /// <summary>
    /// On a Space: any other value than before asks for a trial of the network's enforcement at once.
    /// </summary>
    public const string VerifyIsolation = "dynospace.dev/verify-isolation";

    /// <summary>
    /// On a namespace and its policies: the UID of the Space that made them. An owner reference would say the same, but
    /// then foreground deletion of a Space would collect the policies while its dynos still run.
    /// </summary>
    public const string SpaceUid = "dynospace.dev/space-uid";
}
