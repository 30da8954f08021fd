using System.Text.Json.Nodes;
using DevCluster.ApiServer.Validation;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// The rules of <c>metadata</c>: the fields that an update must not change and, for custom resources, valid values.
/// Admission validates the metadata of built-in kinds together with the rest of the object.
/// </summary>
internal static class MetadataRules
{
    private static readonly FieldPath Metadata = FieldPath.At("metadata");

    /// <summary>Set once, at creation or deletion; an update that omits them keeps them.</summary>
    public static IReadOnlyList<string> ImmutableFields { get; } =
    [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ];

    public static IEnumerable<FieldError> OnCreate(ResourceDefinition definition, JsonObject content)
    {
        if (content.MetadataText("name") is null)
        {
            return [FieldErrors.Required(Metadata["name"], "name or generateName is required")];
        }

        return definition.IsCustom ? Values(definition, content) : [];
    }

    public static IEnumerable<FieldError> OnUpdate(ResourceDefinition definition, JsonObject old, JsonObject content)
    {
        var errors = new List<FieldError>();
        foreach (var field in ImmutableFields)
        {
            var value = content["metadata"]?[field];
            if (!JsonNode.DeepEquals(value, old["metadata"]?[field]))
            {
                errors.Add(FieldErrors.Invalid(Metadata[field], value, "field is immutable"));
            }
        }

        if (old.IsTerminating())
        {
            var added = content.Finalizers().Except(old.Finalizers(), StringComparer.Ordinal).ToList();
            if (added.Count > 0)
            {
                var list = string.Join(", ", added.Select(item => $"\"{item}\""));
                errors.Add(FieldErrors.Forbidden(
                    Metadata["finalizers"],
                    "no new finalizers can be added if the object is being deleted, found new finalizers "
                    + $"[]string{{{list}}}"));
            }
        }

        return definition.IsCustom ? errors.Concat(Values(definition, content)) : errors;
    }

    private static IReadOnlyList<FieldError> Values(ResourceDefinition definition, JsonObject content)
    {
        var findings = new Findings();
        ObjectMetaValidation.Validate(content.Metadata(), definition.Id, findings);
        return findings.Errors;
    }
}
