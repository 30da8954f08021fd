using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Dynospace.Api.Crds;

/// <summary>
/// Schemas of Kubernetes' own types, whose classes carry no bounds. Bounds of conditions: <c>metav1.Condition</c>.
/// </summary>
internal static class WellKnownSchemas
{
    public static JsonObject? ForType(Type type) => type switch
    {
        _ when type == typeof(V1Condition) => Condition(),
        _ when type == typeof(V1LabelSelector) => LabelSelector(),
        // The API server knows the rest, and refuses a schema that says more.
        _ when type == typeof(V1ObjectMeta) => new JsonObject { ["type"] = "object" },
        _ => null,
    };

    public static JsonObject ApiVersion() => Text("The group and version of this object, dynospace.dev/v1alpha1.");

    public static JsonObject Kind() => Text("The kind of this object.");

    private static JsonObject Condition() => new()
    {
        ["description"] = "One aspect of the object's state, for people, kubectl wait and GitOps tools.",
        ["type"] = "object",
        ["required"] = new JsonArray("type", "status", "reason", "message", "lastTransitionTime"),
        ["properties"] = new JsonObject
        {
            ["type"] = Text(
                "The aspect, in CamelCase.",
                maximum: 316,
                pattern: @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
                    + "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"),
            ["status"] = new JsonObject
            {
                ["description"] = "True, False, or Unknown.",
                ["type"] = "string",
                ["enum"] = new JsonArray("True", "False", "Unknown"),
            },
            ["reason"] = Text(
                "The reason for the status, one CamelCase word for programs and alerts.",
                minimum: 1,
                maximum: 1024,
                pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"),
            ["message"] = Text("An explanation for people.", maximum: 32768),
            ["lastTransitionTime"] = Text(
                "When the status last changed from one value to another.", format: "date-time"),
            ["observedGeneration"] = new JsonObject
            {
                ["description"] = "The generation of the spec that the condition describes.",
                ["type"] = "integer",
                ["format"] = "int64",
                ["minimum"] = 0,
            },
        },
    };

    private static JsonObject LabelSelector() => new()
    {
        ["description"] = "Selects by labels; all parts must match.",
        ["type"] = "object",
        ["x-kubernetes-map-type"] = "atomic",
        ["properties"] = new JsonObject
        {
            ["matchLabels"] = new JsonObject
            {
                ["description"] = "Labels and their required values.",
                ["type"] = "object",
                ["additionalProperties"] = new JsonObject { ["type"] = "string" },
            },
            ["matchExpressions"] = new JsonObject
            {
                ["description"] = "Requirements on labels.",
                ["type"] = "array",
                ["x-kubernetes-list-type"] = "atomic",
                ["items"] = LabelRequirement(),
            },
        },
    };

    private static JsonObject LabelRequirement() => new()
    {
        ["description"] = "A requirement on one label.",
        ["type"] = "object",
        ["required"] = new JsonArray("key", "operator"),
        ["properties"] = new JsonObject
        {
            ["key"] = Text("The label."),
            ["operator"] = new JsonObject
            {
                ["description"] = "How the label relates to the values.",
                ["type"] = "string",
                ["enum"] = new JsonArray("In", "NotIn", "Exists", "DoesNotExist"),
            },
            ["values"] = new JsonObject
            {
                ["description"] = "The values: at least one with In and NotIn, none otherwise.",
                ["type"] = "array",
                ["x-kubernetes-list-type"] = "atomic",
                ["items"] = new JsonObject { ["type"] = "string" },
            },
        },
    };

    private static JsonObject Text(
        string description, int? minimum = null, int? maximum = null, string? pattern = null, string? format = null)
    {
        var schema = new JsonObject { ["description"] = description, ["type"] = "string" };
        AddUnlessNull(schema, "format", format);
        AddUnlessNull(schema, "minLength", minimum);
        AddUnlessNull(schema, "maxLength", maximum);
        AddUnlessNull(schema, "pattern", pattern);
        return schema;
    }

    private static void AddUnlessNull<T>(JsonObject schema, string keyword, T? value)
    {
        if (value is not null)
        {
            schema[keyword] = JsonValue.Create(value);
        }
    }
}

/// <summary>Schemas of single values.</summary>
internal static class ScalarSchemas
{
    public static JsonObject? ForType(Type type) => type switch
    {
        _ when type == typeof(string) => new JsonObject { ["type"] = "string" },
        _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        _ when type == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        _ when type == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        _ when type == typeof(DateTime) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when type.IsEnum => new JsonObject { ["type"] = "string", ["enum"] = EnumNames(type) },
        _ => null,
    };

    /// <summary>The name under which the serialiser writes an enum's value.</summary>
    public static string NameOf(Enum value)
    {
        var field = value.GetType().GetField(value.ToString());
        return field?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? value.ToString();
    }

    private static JsonArray EnumNames(Type type)
    {
        if (!type.IsDefined(typeof(JsonConverterAttribute)))
        {
            throw new InvalidOperationException(
                $"{type}: an enum goes over the wire by name, give it a JsonStringEnumConverter.");
        }

        return new JsonArray([.. Enum.GetValues(type).Cast<Enum>().Select(value => JsonValue.Create(NameOf(value)))]);
    }
}
