using System.Text.Json.Nodes;
using k8s.Models;

namespace Dynospace.Api.Crds;

/// <summary>Schemas of Kubernetes' own types, whose classes carry no bounds. Bounds of conditions: <c>metav1.Condition</c>.</summary>
internal static class WellKnownSchemas
{
    public static JsonObject? Of(Type type) => type switch
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
                pattern: "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"),
            ["status"] = new JsonObject
            {
                ["description"] = "True, False, or Unknown.",
                ["type"] = "string",
                ["enum"] = new JsonArray("True", "False", "Unknown"),
            },
            ["reason"] = Text("Why, as one word for programs and alerts.", minimum: 1, maximum: 1024, pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"),
            ["message"] = Text("Why, for people.", maximum: 32768),
            ["lastTransitionTime"] = Text("When the status last changed from one value to another.", format: "date-time"),
            ["observedGeneration"] = new JsonObject
            {
                ["description"] = "The generation of the spec that the condition speaks of.",
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
                ["description"] = "Labels and the values that they must have.",
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
                ["description"] = "The values; with In and NotIn at least one, otherwise none.",
                ["type"] = "array",
                ["x-kubernetes-list-type"] = "atomic",
                ["items"] = new JsonObject { ["type"] = "string" },
            },
        },
    };

    private static JsonObject Text(string description, int? minimum = null, int? maximum = null, string? pattern = null, string? format = null)
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
