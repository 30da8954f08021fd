namespace Dynospace.Api;

/// <summary>Annotations that the operator reads or writes.</summary>
public static class Annotations
{
    /// <summary>On a namespace that exists already: the name of the Space that may take it over.</summary>
    public const string Adopt = "dynospace.dev/adopt";

    /// <summary>A hash of what the operator last applied, by which it sees that a field it set is gone.</summary>
    public const string Applied = "dynospace.dev/applied";

    /// <summary>
    /// On an App: <c>true</c> where the operator wrote <c>spec.replicas</c>. A backup keeps it, and field managers not.
    /// </summary>
    public const string MirroredReplicas = "dynospace.dev/mirrored-replicas";

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
