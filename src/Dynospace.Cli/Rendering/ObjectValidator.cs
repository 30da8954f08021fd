using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Names;
using Dynospace.Cli.Manifests;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>
/// Refuses what an API server refuses of every object (names, labels, annotations) and, of built-in kinds, what
/// kubectl's strict validation does: unknown fields and values of the wrong type.
/// </summary>
internal static class ObjectValidator
{
    private static readonly HashSet<string> LabelMaps = ["labels", "matchLabels", "nodeSelector"];

    /// <summary>Problems with metadata and label selectors, a sentence each.</summary>
    public static IEnumerable<string> CheckNames(Manifest manifest)
    {
        var metadata = manifest.Content["metadata"]!.AsObject();
        var name = Text(metadata["name"]) ?? "";
        var problems = manifest is { Kind: V1Namespace.KubeKind, ApiVersion: "v1" }
            ? NameFormats.Label(name)
            : NameFormats.Subdomain(name);
        var keys = (metadata["annotations"] as JsonObject ?? [])
            .SelectMany(annotation => NameFormats.QualifiedName(annotation.Key.ToLowerInvariant())
                .Select(problem => $"metadata.annotations: '{annotation.Key}' {problem}"));
        return problems.Select(problem => $"metadata.name: '{name}' {problem}")
            .Concat(keys)
            .Concat(Labels(manifest.Content, ""))
            .Select(problem => $"{manifest}: {problem}");
    }

    /// <summary>Fields that were lost or changed when the object was read as a built-in kind.</summary>
    public static IEnumerable<string> CheckFields(Manifest manifest, IKubernetesObject<V1ObjectMeta> read) =>
        Differences(manifest.Content, JsonObjects.From<object>(read), "").Select(problem => $"{manifest}: {problem}");

    private static IEnumerable<string> Labels(JsonNode? node, string path) => node switch
    {
        JsonObject fields => fields.SelectMany(field => (field.Key, field.Value) switch
        {
            ({ } key, JsonObject map) when LabelMaps.Contains(key) || (key == "selector" && IsFlat(map)) =>
                Map(map, Join(path, key)),
            ("matchExpressions", JsonArray items) =>
                items.SelectMany((item, index) => Text((item as JsonObject)?["key"]) is { } key
                    ? NameFormats.QualifiedName(key)
                        .Select(problem => $"{Join(path, field.Key)}[{index}].key: '{key}' {problem}")
                    : []),
            _ => Labels(field.Value, Join(path, field.Key)),
        }),
        JsonArray items => items.SelectMany((item, index) => Labels(item, $"{path}[{index}]")),
        _ => [],
    };

    private static bool IsFlat(JsonObject map) => map.All(entry => entry.Value is JsonValue);

    private static IEnumerable<string> Map(JsonObject map, string path) => map.SelectMany(label =>
        NameFormats.QualifiedName(label.Key).Select(problem => $"{path}: '{label.Key}' {problem}")
            .Concat(Text(label.Value) is { } value
                ? NameFormats.LabelValue(value).Select(problem => $"{path}.{label.Key}: '{value}' {problem}")
                : [$"{path}.{label.Key}: {label.Value?.ToJsonString() ?? "null"} is not text: write it in quotes"]));

    private static IEnumerable<string> Differences(JsonNode? given, JsonNode? read, string path) => (given, read) switch
    {
        (null, _) => [],
        (JsonObject fields, JsonObject known) =>
            fields.SelectMany(field => field.Value is not null && !known.ContainsKey(field.Key)
                ? [$"{Join(path, field.Key)}: unknown field: correct its name or remove it"]
                : Differences(field.Value, known[field.Key], Join(path, field.Key))),
        (JsonArray items, JsonArray known) when items.Count == known.Count =>
            items.SelectMany((item, index) => Differences(item, known[index], $"{path}[{index}]")),
        ({ } value, { } same) when IsOfType(value.GetValueKind(), same.GetValueKind()) => [],
        _ => [$"{path}: {given.ToJsonString()} is of the wrong type: {(read?.GetValueKind() is JsonValueKind.Number
            ? "write a number without quotes" : "see kubectl explain")}"],
    };

    /// <summary>A quantity may be written as a number and is read as a string.</summary>
    private static bool IsOfType(JsonValueKind given, JsonValueKind read) =>
        given == read
        || (given, read) is (JsonValueKind.Number, JsonValueKind.String)
            or (JsonValueKind.True or JsonValueKind.False, JsonValueKind.True or JsonValueKind.False);

    private static string Join(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
