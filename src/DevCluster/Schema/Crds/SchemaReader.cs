using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Reads an <c>openAPIV3Schema</c> into the server's internal form. It ignores errors, which the structural checks have
/// already reported.
/// </summary>
internal static class SchemaReader
{
    /// <summary>
    /// The schema of a complete custom resource: the declared schema with apiVersion, kind and ObjectMeta.
    /// </summary>
    public static TypeSchema ReadRoot(JsonObject? schema) =>
        Read(
            schema ?? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            isResource: true);

    public static TypeSchema Read(JsonObject schema) => Read(schema, isResource: false);

    private static TypeSchema Read(JsonObject schema, bool isResource)
    {
        var isEmbedded = schema.IsTrue("x-kubernetes-embedded-resource");
        var properties = ReadProperties(schema["properties"] as JsonObject);
        if (isResource || isEmbedded)
        {
            AddResourceFields(properties);
        }

        var items = schema["items"] is JsonObject item ? Read(item) : null;
        var additional = ReadAdditional(schema["additionalProperties"]);
        return new TypeSchema(schema.Text("type") ?? "", () => properties, () => items, () => additional)
        {
            Format = schema.Text("format"),
            Description = schema.Text("description"),
            Required = schema.Texts("required"),
            Default = schema["default"]?.DeepClone(),
            Enum = schema["enum"] is JsonArray values ? [.. values.Select(value => value?.DeepClone())] : [],
            Nullable = schema.IsTrue("nullable"),
            ListType = ReadListType(schema),
            ListMapKeys = schema.Texts("x-kubernetes-list-map-keys"),
            IsAtomicMap = schema.Text("x-kubernetes-map-type") == "atomic",
            PreserveUnknownFields = schema.IsTrue("x-kubernetes-preserve-unknown-fields"),
            IsIntOrString = schema.IsTrue("x-kubernetes-int-or-string"),
            IsEmbeddedResource = isEmbedded,
            Pattern = schema.Text("pattern"),
            Minimum = schema.Double("minimum"),
            Maximum = schema.Double("maximum"),
            ExclusiveMinimum = schema.IsTrue("exclusiveMinimum"),
            ExclusiveMaximum = schema.IsTrue("exclusiveMaximum"),
            MultipleOf = schema.Double("multipleOf"),
            MinLength = schema.WholeNumber("minLength"),
            MaxLength = schema.WholeNumber("maxLength"),
            MinItems = schema.WholeNumber("minItems"),
            MaxItems = schema.WholeNumber("maxItems"),
            MinProperties = schema.WholeNumber("minProperties"),
            MaxProperties = schema.WholeNumber("maxProperties"),
            UniqueItems = schema.IsTrue("uniqueItems"),
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
        _ when additional.IsTrue() => new TypeSchema("") { PreserveUnknownFields = true },
        _ => null,
    };

    private static ListType ReadListType(JsonObject schema) => schema.Text("x-kubernetes-list-type") switch
    {
        "set" => ListType.Set,
        "map" => ListType.Map,
        _ => ListType.Atomic,
    };

    private static List<ValidationRule> ReadRules(JsonArray? rules) =>
    [
        .. (rules ?? []).OfType<JsonObject>().Select(rule => new ValidationRule(
            rule.Text("rule") ?? "",
            rule.Text("message"),
            rule.Text("messageExpression"),
            rule.Text("reason"),
            rule.Text("fieldPath"),
            rule.IsTrue("optionalOldSelf"))),
    ];

    private static List<TypeSchema> ReadMany(JsonNode? schemas) =>
        [.. (schemas as JsonArray ?? []).OfType<JsonObject>().Select(Read)];
}

/// <summary>The metadata schema of every custom resource.</summary>
internal static class ObjectMetaSchema
{
    /// <summary>The built-in ObjectMeta, as a single instance, so that OpenAPI refers to one definition.</summary>
    public static TypeSchema Instance { get; } =
        BuiltInSchemas.For("v1", "ConfigMap").Properties.GetValueOrDefault("metadata")
        ?? new("object") { PreserveUnknownFields = true };

    /// <summary>ObjectMeta with the restrictions of a CRD on <c>name</c> and <c>generateName</c>.</summary>
    public static TypeSchema Restricted(TypeSchema declared)
    {
        if (declared.Properties.Count == 0)
        {
            return Instance;
        }

        var properties = new Dictionary<string, TypeSchema>(Instance.Properties);
        foreach (var (name, schema) in declared.Properties)
        {
            properties[name] = schema;
        }

        return new TypeSchema("object", () => properties)
        {
            Definition = Instance.Definition,
            Description = Instance.Description,
            Required = declared.Required,
            Rules = declared.Rules,
        };
    }
}

/// <summary>Reads the keywords of an OpenAPI schema.</summary>
internal static class SchemaJson
{
    private static readonly string[] Junctors = ["anyOf", "allOf", "oneOf"];

    /// <summary>The named schemas below a keyword.</summary>
    public static IEnumerable<KeyValuePair<string, JsonObject>> Schemas(this JsonObject schema, string keyword) =>
        (schema[keyword] as JsonObject ?? []).Where(property => property.Value is JsonObject)
            .Select(property => KeyValuePair.Create(property.Key, property.Value!.AsObject()));

    /// <summary>The branches of allOf, anyOf and oneOf.</summary>
    public static IEnumerable<(string Junctor, int Index, JsonObject Branch)> Branches(this JsonObject schema) =>
        Junctors.SelectMany(junctor => schema.Items(junctor).Select((branch, index) => (junctor, index, branch)));
}
