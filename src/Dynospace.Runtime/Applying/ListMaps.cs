using System.Collections.Frozen;

namespace Dynospace.Runtime.Applying;

/// <summary>
/// Which lists of the built-in kinds are merged by key, from the API's <c>x-kubernetes-list-map-keys</c>. Every other list is atomic: who
/// applies it owns all of it. A list missing here costs one apply that changes nothing, and is remembered.
/// </summary>
internal static class ListMaps
{
    /// <summary>The keys of a set: its items are their own keys.</summary>
    public static readonly string[] Set = [];

    private static readonly FrozenDictionary<string, string> PodSpecPrefixes = new Dictionary<string, string>
    {
        ["Deployment"] = "spec.template.",
        ["DaemonSet"] = "spec.template.",
        ["StatefulSet"] = "spec.template.",
        ["ReplicaSet"] = "spec.template.",
        ["Job"] = "spec.template.",
        ["CronJob"] = "spec.jobTemplate.spec.template.",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string[]> OfPods = new Dictionary<string, string[]>
    {
        ["spec.containers"] = ["name"],
        ["spec.initContainers"] = ["name"],
        ["spec.volumes"] = ["name"],
        ["spec.imagePullSecrets"] = ["name"],
        ["spec.hostAliases"] = ["ip"],
        ["spec.topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
        ["spec.containers[].env"] = ["name"],
        ["spec.containers[].ports"] = ["containerPort", "protocol"],
        ["spec.containers[].volumeMounts"] = ["mountPath"],
        ["spec.containers[].volumeDevices"] = ["devicePath"],
        ["spec.containers[].resources.claims"] = ["name"],
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<(string Kind, string Path), string[]> Others = new Dictionary<(string, string), string[]>
    {
        [("Service", "spec.ports")] = ["port", "protocol"],
        [("ServiceAccount", "secrets")] = ["name"],
        [("ServiceAccount", "imagePullSecrets")] = ["name"],
    }.ToFrozenDictionary();

    /// <summary>Maps that belong as a whole to who applies them: an additional member would change what they select.</summary>
    private static readonly FrozenSet<string> AtomicMaps = new[]
    {
        "selector", "podSelector", "namespaceSelector", "labelSelector", "objectSelector", "nodeSelector", "secretKeyRef", "configMapKeyRef",
        "fieldRef", "resourceFieldRef",
    }.ToFrozenSet();

    /// <summary>The keys of a list that is merged; null for an atomic one.</summary>
    /// <param name="path">Member names, each list's items as <c>[]</c>.</param>
    public static string[]? KeysOf(string kind, string path) => path switch
    {
        "metadata.ownerReferences" => ["uid"],
        "metadata.finalizers" => Set,
        _ when Others.TryGetValue((kind, path), out var keys) => keys,
        _ when PodSpecPrefixes.TryGetValue(kind, out var prefix) && path.StartsWith(prefix, StringComparison.Ordinal) =>
            OfPods.GetValueOrDefault(path[prefix.Length..].Replace("initContainers[]", "containers[]", StringComparison.Ordinal)),
        _ => null,
    };

    public static bool IsAtomicMap(string member) => AtomicMaps.Contains(member);
}
