using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Reads an <c>openAPIV3Schema</c> into the form that the server works with. Takes no notice of mistakes: the
/// structural checks have named them before.
/// </summary>
internal static class SchemaReader
{
    /// <summary>
    /// The schema of a whole custom resource: what is declared, with apiVersion, kind and ObjectMeta.
    /// </summary>
    public static TypeSchema ReadRoot(JsonObject? schema) =>
        Read(
            schema ?? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            isResource: true);

    public static TypeSchema Read(JsonObject schema) => Read(schema, isResource: false);

    private static TypeSchema Read(JsonObject schema, bool isResource)
    {
        var isEmbedded = Flag(schema, "x-kubernetes-embedded-resource");
        var properties = ReadProperties(schema["properties"] as JsonObject);
        if (isResource || isEmbedded)
        {
            AddResourceFields(properties);
        }

        var items = schema["items"] is JsonObject item ? Read(item) : null;
        var additional = ReadAdditional(schema["additionalProperties"]);
        return new TypeSchema(Text(schema, "type") ?? "", () => properties, () => items, () => additional)
        {
            Format = Text(schema, "format"),
            Description = Text(schema, "description"),
            Required = Strings(schema["required"]),
            Default = schema["default"]?.DeepClone(),
            Enum = schema["enum"] is JsonArray values ? [.. values.Select(value => value?.DeepClone())] : [],
            Nullable = Flag(schema, "nullable"),
            ListType = ReadListType(schema),
            ListMapKeys = Strings(schema["x-kubernetes-list-map-keys"]),
            IsAtomicMap = Text(schema, "x-kubernetes-map-type") == "atomic",
            PreserveUnknownFields = Flag(schema, "x-kubernetes-preserve-unknown-fields"),
            IsIntOrString = Flag(schema, "x-kubernetes-int-or-string"),
            IsEmbeddedResource = isEmbedded,
            Pattern = Text(schema, "pattern"),
            Minimum = Number(schema, "minimum"),
            Maximum = Number(schema, "maximum"),
            ExclusiveMinimum = Flag(schema, "exclusiveMinimum"),
            ExclusiveMaximum = Flag(schema, "exclusiveMaximum"),
            MultipleOf = Number(schema, "multipleOf"),
            MinLength = Integer(schema, "minLength"),
            MaxLength = Integer(schema, "maxLength"),
            MinItems = Integer(schema, "minItems"),
            MaxItems = Integer(schema, "maxItems"),
            MinProperties = Integer(schema, "minProperties"),
            MaxProperties = Integer(schema, "maxProperties"),
            UniqueItems = Flag(schema, "uniqueItems"),
            Rules = ReadRules(schema["x-kubernetes-validations"] as JsonArray),
            AllOf = ReadMany(schema["allOf"]),
            AnyOf = ReadMany(schema["anyOf"]),
            OneOf = ReadMany(schema["oneOf"]),
            Not = schema["not"] is JsonObject not ? Read(not) : null,
        };
    }

    private static Dictionary<string, TypeSchema> ReadProperties(JsonObject? properties)
    {
        var read = new Dictionary<string, TypeSchema>(StringComparer.Ordinal);
        foreach (var (name, schema) in properties ?? [])
        {
            read[name] = Read(schema as JsonObject ?? []);
        }

        return read;
    }

    private static void AddResourceFields(Dictionary<string, TypeSchema> properties)
    {
        var known = BuiltInSchemas.For("v1", "ConfigMap").Properties;
        properties.TryAdd("apiVersion", known.GetValueOrDefault("apiVersion") ?? new("string"));
        properties.TryAdd("kind", known.GetValueOrDefault("kind") ?? new("string"));
        properties["metadata"] = properties.TryGetValue("metadata", out var declared)
            ? ObjectMetaSchema.Restricted(declared)
            : ObjectMetaSchema.Instance;
    }

    private static TypeSchema? ReadAdditional(JsonNode? additional) => additional switch
    {
        JsonObject schema => Read(schema),
        _ when JsonScalars.AsBoolean(additional) == true => new TypeSchema("") { PreserveUnknownFields = true },
        _ => null,
    };

    private static ListType ReadListType(JsonObject schema) => Text(schema, "x-kubernetes-list-type") switch
    {
        "set" => ListType.Set,
        "map" => ListType.Map,
        _ => ListType.Atomic,
    };

    private static List<ValidationRule> ReadRules(JsonArray? rules) =>
    [
        .. (rules ?? []).OfType<JsonObject>().Select(rule => new ValidationRule(
            Text(rule, "rule") ?? "",
            Text(rule, "message"),
            Text(rule, "messageExpression"),
            Text(rule, "reason"),
            Text(rule, "fieldPath"),
            Flag(rule, "optionalOldSelf"))),
    ];

    private static List<TypeSchema> ReadMany(JsonNode? schemas) =>
        [.. (schemas as JsonArray ?? []).OfType<JsonObject>().Select(Read)];

    private static List<string> Strings(JsonNode? node) =>
        [.. (node as JsonArray ?? []).Select(JsonScalars.AsString).OfType<string>()];

    private static string? Text(JsonObject schema, string key) => JsonScalars.AsString(schema[key]);

    private static bool Flag(JsonObject schema, string key) => JsonScalars.AsBoolean(schema[key]) == true;

    private static long? Integer(JsonObject schema, string key) => JsonScalars.AsInt64(schema[key]);

    private static double? Number(JsonObject schema, string key) =>
        schema[key] is { } node && node.GetValueKind() == JsonValueKind.Number ? JsonScalars.AsDouble(node) : null;
}
