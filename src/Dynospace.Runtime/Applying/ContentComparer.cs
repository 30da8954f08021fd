using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Dynospace.Runtime.Applying;

/// <summary>The first place where an object is not as desired. It never contains values, which may be secret.</summary>
/// <param name="Path">Where, for people.</param>
/// <param name="Fingerprint">Distinguishes the live value there from any other, within this process.</param>
internal sealed record ContentDifference(string Path, int Fingerprint);

/// <summary>
/// Pure: looks for the first place where a live object lacks what is desired. Additions of others are ignored where the
/// API lets owners share (maps, lists with keys), and count as differences where it does not (atomic lists and
/// selectors).
/// </summary>
internal sealed class ContentComparer(string kind, ApplierOptions options)
{
    /// <summary>
    /// Ignores <c>apiVersion</c> and <c>kind</c>, which items of a list lack and the object's reference states.
    /// </summary>
    public ContentDifference? FirstDifference(JsonObject desired, JsonObject live) => desired
        .Where(member => member.Key is not ("apiVersion" or "kind"))
        .Select(member => Shared(member.Value, live[member.Key], member.Key, member.Key))
        .FirstOrDefault(difference => difference is not null);

    /// <param name="path">The path with list keys, for people.</param>
    /// <param name="shape">The path without list keys, to look up in the table.</param>
    private ContentDifference? Shared(JsonNode? desired, JsonNode? live, string path, string shape)
    {
        switch (desired)
        {
            case null:
            case JsonArray { Count: 0 } when live is null:
            case JsonValue value when live is null && IsEmpty(value):
                return null;
            case JsonObject wanted when live is JsonObject found:
                foreach (var (name, value) in wanted)
                {
                    var (memberPath, memberShape) = (Join(path, name), Join(shape, name));
                    var difference = ListMaps.IsAtomicMap(name)
                        ? Whole(value, found[name], memberPath)
                        : Shared(value, found[name], memberPath, memberShape);
                    if (difference is not null)
                    {
                        return difference;
                    }
                }

                return null;
            case JsonArray wanted when live is JsonArray found && KeysOf(shape) is { } keys:
                return wanted
                    .Select(item => Item(item, found, keys, path, shape))
                    .FirstOrDefault(difference => difference is not null);
            default:
                return Whole(desired, live, path);
        }
    }

    private ContentDifference? Item(JsonNode? item, JsonArray found, string[] keys, string path, string shape)
    {
        if (keys.Length == 0)
        {
            return found.Any(other => JsonNode.DeepEquals(item, other)) ? null : Different(found, $"{path}[{item}]");
        }

        var key = string.Join(',', keys.Select(k => $"{k}={KeyValue(item, k)}"));
        var match = found.FirstOrDefault(other => keys.All(k => KeyValue(item, k) == KeyValue(other, k)));
        return match is null ? Different(null, $"{path}[{key}]") : Shared(item, match, $"{path}[{key}]", $"{shape}[]");
    }

    /// <summary>The server omits members that are false or an empty string.</summary>
    private static bool IsEmpty(JsonValue value) =>
        value.GetValueKind() == JsonValueKind.False
        || (value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Length == 0);

    /// <summary>Compares a value that has one owner: nothing may be missing and nothing added.</summary>
    private static ContentDifference? Whole(JsonNode? desired, JsonNode? live, string path)
    {
        switch (desired)
        {
            case JsonObject wanted when live is JsonObject found:
                return wanted.Where(m => m.Value is not null).Select(m => m.Key)
                    .Union(found.Where(m => m.Value is not null).Select(m => m.Key))
                    .Select(name => Whole(wanted[name], found[name], Join(path, name)))
                    .FirstOrDefault(difference => difference is not null);
            case JsonArray wanted when live is JsonArray found && wanted.Count == found.Count:
                return Enumerable.Range(0, wanted.Count)
                    .Select(i => Whole(wanted[i], found[i], $"{path}[{i}]"))
                    .FirstOrDefault(difference => difference is not null);
            default:
                return JsonNode.DeepEquals(desired, live) || AreEqualQuantities(desired, live, path)
                    ? null
                    : Different(live, path);
        }
    }

    /// <summary>The server writes quantities in its own form: "1000m" comes back as "1".</summary>
    private static bool AreEqualQuantities(JsonNode? desired, JsonNode? live, string path)
    {
        var isQuantity = path.Contains(".requests.", StringComparison.Ordinal)
            || path.Contains(".limits.", StringComparison.Ordinal)
            || path.Contains(".hard.", StringComparison.Ordinal)
            || path.EndsWith(".sizeLimit", StringComparison.Ordinal);
        if (!isQuantity || desired is not JsonValue || live is not JsonValue)
        {
            return false;
        }

        try
        {
            return new ResourceQuantity(desired.ToString()).Equals(new ResourceQuantity(live.ToString()));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static ContentDifference Different(JsonNode? live, string path) =>
        new(path, live?.ToJsonString().GetHashCode(StringComparison.Ordinal) ?? 0);

    /// <summary>A key's value; protocol is the one key that the server fills in.</summary>
    private static string? KeyValue(JsonNode? item, string key) =>
        (item as JsonObject)?[key]?.ToString() ?? (key == "protocol" ? "TCP" : null);

    private static string Join(string path, string member) => path.Length == 0 ? member : $"{path}.{member}";

    private string[]? KeysOf(string shape) =>
        options.ListMaps.TryGetValue((kind, shape), out var keys) ? keys : ListMaps.KeysOf(kind, shape);
}

/// <summary>
/// Which lists of the built-in kinds are merged by key, from the API's <c>x-kubernetes-list-map-keys</c>. Every other
/// list is atomic: the manager that applies it owns all of it. A list that is missing here costs one apply without
/// effect, which is remembered.
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

    private static readonly FrozenDictionary<(string Kind, string Path), string[]> Others =
        new Dictionary<(string, string), string[]>
        {
            [("Service", "spec.ports")] = ["port", "protocol"],
            [("ServiceAccount", "secrets")] = ["name"],
            [("ServiceAccount", "imagePullSecrets")] = ["name"],
        }.ToFrozenDictionary();

    /// <summary>
    /// Maps that belong as a whole to the manager that applies them: an additional member would change what they
    /// select.
    /// </summary>
    private static readonly FrozenSet<string> AtomicMaps = new[]
    {
        "selector", "podSelector", "namespaceSelector", "labelSelector", "objectSelector", "nodeSelector",
        "secretKeyRef", "configMapKeyRef",
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
            OfPods.GetValueOrDefault(
                path[prefix.Length..].Replace("initContainers[]", "containers[]", StringComparison.Ordinal)),
        _ => null,
    };

    public static bool IsAtomicMap(string member) => AtomicMaps.Contains(member);
}
