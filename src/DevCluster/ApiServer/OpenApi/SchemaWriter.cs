using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>Writes schemas with named types as references, and records the referenced names.</summary>
internal sealed class SchemaWriter(Dialect dialect)
{
    private readonly string _prefix = dialect == Dialect.V3 ? "#/components/schemas/" : "#/definitions/";
    private readonly Queue<string> _pending = new();
    private readonly HashSet<string> _seen = [];

    /// <summary>The next definition that is referenced but not yet written.</summary>
    public bool TryTakeReferred(out string definition) => _pending.TryDequeue(out definition!);

    /// <summary>Marks a definition as written elsewhere.</summary>
    public void Known(string definition) => _seen.Add(definition);

    public JsonObject Reference(string definition)
    {
        if (_seen.Add(definition))
        {
            _pending.Enqueue(definition);
        }

        return new JsonObject { ["$ref"] = _prefix + definition };
    }

    /// <summary>Writes a complete schema, with its named parts as references.</summary>
    public JsonObject Write(TypeSchema schema)
    {
        var json = new JsonObject();
        Add(json, "description", schema.Description);
        if (schema.Type.Length > 0 && !(dialect == Dialect.V2 && schema.Nullable))
        {
            json["type"] = schema.Type;
        }

        Add(json, "format", schema.Format);
        WriteUntyped(json, schema);
        WriteStructure(json, schema);
        WriteLimits(json, schema);
        WriteExtensions(json, schema);
        if (dialect == Dialect.V3)
        {
            WriteJunctors(json, schema);
        }

        return json;
    }

    private JsonObject Part(TypeSchema schema)
    {
        if (schema.Definition is not { } definition)
        {
            return Write(schema);
        }

        var reference = Reference(definition);
        if (schema.Description is not { } description)
        {
            return reference;
        }

        // Version 3 ignores the siblings of a reference, so the reference is wrapped.
        var json = dialect == Dialect.V3 ? new JsonObject { ["allOf"] = new JsonArray(reference) } : reference;
        json["description"] = description;
        WriteExtensions(json, schema);
        return json;
    }

    /// <summary>Version 2 cannot express a value of several types; upstream declares them as strings.</summary>
    private void WriteUntyped(JsonObject json, TypeSchema schema)
    {
        if (schema.Type.Length == 0
            && dialect == Dialect.V2
            && (schema.OneOf.Count > 0)
            && schema.Definition is not null)
        {
            json["type"] = "string";
        }
    }

    private void WriteStructure(JsonObject json, TypeSchema schema)
    {
        if (schema.Items is { } items)
        {
            json["items"] = Part(items);
        }

        if (schema.AdditionalProperties is { } values)
        {
            json["additionalProperties"] = Part(values);
        }

        if (schema.Properties.Count > 0)
        {
            json["properties"] = new JsonObject(
                schema.Properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Part(p.Value))));
        }

        AddList(json, "required", schema.Required.Select(r => (JsonNode?)r));
        AddList(json, "enum", schema.Enum.Select(e => e?.DeepClone()));
        Add(json, "default", schema.Default?.DeepClone());
        if (schema.Nullable && dialect == Dialect.V3)
        {
            json["nullable"] = true;
        }
    }

    private static void WriteLimits(JsonObject json, TypeSchema schema)
    {
        Add(json, "pattern", schema.Pattern);
        Add(json, "minimum", schema.Minimum);
        Add(json, "maximum", schema.Maximum);
        Add(json, "exclusiveMinimum", True(schema.ExclusiveMinimum));
        Add(json, "exclusiveMaximum", True(schema.ExclusiveMaximum));
        Add(json, "multipleOf", schema.MultipleOf);
        Add(json, "minLength", schema.MinLength);
        Add(json, "maxLength", schema.MaxLength);
        Add(json, "minItems", schema.MinItems);
        Add(json, "maxItems", schema.MaxItems);
        Add(json, "minProperties", schema.MinProperties);
        Add(json, "maxProperties", schema.MaxProperties);
        Add(json, "uniqueItems", True(schema.UniqueItems));
    }

    private static void WriteExtensions(JsonObject json, TypeSchema schema)
    {
        if (schema.Type == "array")
        {
            Add(json, "x-kubernetes-list-type", schema.ListType.ToString().ToLowerInvariant());
            AddList(json, "x-kubernetes-list-map-keys", schema.ListMapKeys.Select(k => (JsonNode?)k));
        }

        Add(json, "x-kubernetes-patch-merge-key", schema.PatchMergeKey);
        Add(json, "x-kubernetes-patch-strategy", Strategy(schema));
        Add(json, "x-kubernetes-map-type", schema.IsAtomicMap ? "atomic" : null);
        if (schema.Definition is null)
        {
            Add(json, "x-kubernetes-preserve-unknown-fields", True(schema.PreserveUnknownFields));
            Add(json, "x-kubernetes-int-or-string", True(schema.IsIntOrString));
            Add(json, "x-kubernetes-embedded-resource", True(schema.IsEmbeddedResource));
            AddList(json, "x-kubernetes-validations", schema.Rules.Select(Rule));
        }
    }

    private void WriteJunctors(JsonObject json, TypeSchema schema)
    {
        AddList(json, "allOf", schema.AllOf.Select(s => (JsonNode?)Write(s)));
        AddList(json, "anyOf", schema.AnyOf.Select(s => (JsonNode?)Write(s)));
        AddList(json, "oneOf", schema.OneOf.Select(s => (JsonNode?)Write(s)));
        Add(json, "not", schema.Not is { } not ? Write(not) : null);
    }

    private static string? Strategy(TypeSchema schema)
    {
        var merge = schema.PatchMerges ? "merge" : schema.PatchReplaces ? "replace" : null;
        return !schema.PatchRetainsKeys ? merge : merge is null ? "retainKeys" : $"{merge},retainKeys";
    }

    private static JsonNode? Rule(ValidationRule rule)
    {
        var json = new JsonObject { ["rule"] = rule.Rule };
        Add(json, "message", rule.Message);
        Add(json, "messageExpression", rule.MessageExpression);
        Add(json, "reason", rule.Reason);
        Add(json, "fieldPath", rule.FieldPath);
        Add(json, "optionalOldSelf", True(rule.OptionalOldSelf));
        return json;
    }

    private static JsonValue? True(bool value) => value ? JsonValue.Create(true) : null;

    private static void Add(JsonObject json, string name, JsonNode? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    private static void AddList(JsonObject json, string name, IEnumerable<JsonNode?> values)
    {
        JsonNode?[] items = [.. values];
        if (items.Length > 0)
        {
            json[name] = new JsonArray(items);
        }
    }
}

/// <summary>The two OpenAPI versions.</summary>
internal enum Dialect
{
    V2,
    V3,
}
