using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s.Models;

namespace Dynospace.Api.Crds;

/// <summary>
/// Turns classes into structural schemas: every field typed, described and, where an attribute says so, bounded.
/// </summary>
internal sealed class SchemaGenerator(XmlDocumentation documentation)
{
    private readonly NullabilityInfoContext _nullability = new();

    public JsonObject ForResource(Type type)
    {
        var schema = ForClass(type, documentation.OfType(type));
        var properties = schema["properties"]!.AsObject();
        if (properties["status"] is JsonObject status)
        {
            // kstatus takes an object without a status for done: one that the operator has not looked at yet is not.
            status["default"] = new JsonObject { ["observedGeneration"] = -1 };
            KeywordOrder.Apply(status);
        }

        properties["apiVersion"] = WellKnownSchemas.ApiVersion();
        properties["kind"] = WellKnownSchemas.Kind();
        return schema;
    }

    private JsonObject ForClass(Type type, string description)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        // Reflection promises no order; metadata tokens follow the source.
        foreach (var property in type.GetProperties().OrderBy(property => property.MetadataToken))
        {
            var name = JsonName(property);
            properties[name] = ForProperty(property);
            if (IsRequired(property))
            {
                required.Add(name);
            }
        }

        var schema = new JsonObject { ["description"] = description, ["type"] = "object" };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        schema["properties"] = properties;
        AddRules(schema, type.GetCustomAttributes<CelRuleAttribute>());
        return schema;
    }

    private JsonObject ForProperty(PropertyInfo property)
    {
        var description = documentation.OfProperty(property);
        var schema = ForValue(property.PropertyType, description);
        var element = (schema["items"] ?? schema["additionalProperties"])?.AsObject();
        SchemaConstraints.Add(schema, element, property);

        var rules = property.GetCustomAttributes<CelRuleAttribute>().ToLookup(rule => rule.OnItems);
        AddRules(schema, rules[false]);
        if (rules[true].Any())
        {
            AddRules(
                element
                ?? throw new InvalidOperationException(
                    $"{property.DeclaringType}.{property.Name}: OnItems needs a list or a dictionary."),
                rules[true]);
        }

        KeywordOrder.Apply(schema);
        return schema;
    }

    private JsonObject ForValue(Type declared, string? description)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var schema = ScalarSchemas.ForType(type)
            ?? WellKnownSchemas.ForType(type)
            ?? ForCollection(type)
            ?? ForClass(type, description ?? documentation.OfType(type));
        if (description is not null)
        {
            schema["description"] = description;
        }

        return schema;
    }

    private JsonObject? ForCollection(Type type)
    {
        if (!type.IsGenericType)
        {
            return null;
        }

        var arguments = type.GetGenericArguments();
        return type.GetGenericTypeDefinition() switch
        {
            var list when list == typeof(IList<>) =>
                new JsonObject { ["type"] = "array", ["items"] = ForValue(arguments[0], null) },
            var map when map == typeof(IDictionary<,>) =>
                new JsonObject { ["type"] = "object", ["additionalProperties"] = ForValue(arguments[1], null) },
            _ => throw new InvalidOperationException($"{type}: use IList or IDictionary."),
        };
    }

    /// <summary>
    /// A client that leaves out a field that C# cannot hold as null would see it come back as zero; so it is required
    /// or has a default.
    /// </summary>
    private bool IsRequired(PropertyInfo property)
    {
        var required = property.IsDefined(typeof(RequiredAttribute));
        var optional = _nullability.Create(property).WriteState == NullabilityState.Nullable
            || property.IsDefined(typeof(DefaultValueAttribute))
            || property.IsDefined(typeof(UnstatedDefaultAttribute));
        if (required == optional && !IsObjectHead(property))
        {
            throw new InvalidOperationException(
                $"{property.DeclaringType}.{property.Name}: make it either Required, or nullable or with a "
                + "DefaultValue.");
        }

        return required;
    }

    private static bool IsObjectHead(PropertyInfo property) =>
        property.DeclaringType!.IsDefined(typeof(KubernetesEntityAttribute))
        && property.Name is "ApiVersion" or "Kind" or "Metadata";

    private static string JsonName(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        ?? throw new InvalidOperationException(
            $"{property.DeclaringType}.{property.Name}: name it with JsonPropertyName.");

    private static void AddRules(JsonObject schema, IEnumerable<CelRuleAttribute> rules)
    {
        var rendered = new JsonArray([.. rules.Select(Rule)]);
        if (rendered.Count > 0)
        {
            schema["x-kubernetes-validations"] = rendered;
        }
    }

    private static JsonObject Rule(CelRuleAttribute rule)
    {
        var rendered = new JsonObject { ["rule"] = rule.Rule, ["message"] = rule.Message };
        if (rule.MessageExpression is not null)
        {
            rendered["messageExpression"] = rule.MessageExpression;
        }

        if (rule.FieldPath is not null)
        {
            rendered["fieldPath"] = rule.FieldPath;
        }

        return rendered;
    }
}
