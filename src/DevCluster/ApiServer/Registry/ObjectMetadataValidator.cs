using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// The rules of <c>metadata</c>: what an update may not change, and for custom resources which values are valid.
/// Admission checks the values of built-in kinds together with the rules of the kind.
/// </summary>
internal static class ObjectMetadataValidator
{
    private const int AnnotationsLimit = 256 * 1024;

    private static readonly FieldPath Metadata = FieldPath.Of("metadata");

    /// <summary>Set once, at creation or deletion; an update that leaves them out keeps them.</summary>
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
        var name = content.MetadataText("name");
        if (name is null)
        {
            return [FieldErrors.Required(Metadata["name"], "name or generateName is required")];
        }

        return definition.IsCustom
            ? Prefix(content.MetadataText("generateName"))
                .Concat(NameFormats.Subdomain(name)
                    .Select(problem => FieldErrors.Invalid(Metadata["name"], name, problem)))
                .Concat(Common(content))
            : [];
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

        return definition.IsCustom ? errors.Concat(Common(content)) : errors;
    }

    private static IEnumerable<FieldError> Prefix(string? prefix) => string.IsNullOrEmpty(prefix)
        ? []
        : NameFormats.Subdomain(NameGenerator.Probe(prefix))
            .Select(problem => FieldErrors.Invalid(Metadata["generateName"], prefix, problem));

    private static IEnumerable<FieldError> Common(JsonObject content)
    {
        var metadata = content.Metadata();
        return Labels(metadata).Concat(Annotations(metadata)).Concat(Finalizers(content)).Concat(Owners(metadata));
    }

    private static IEnumerable<FieldError> Labels(JsonObject metadata)
    {
        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            foreach (var problem in NameFormats.QualifiedName(key))
            {
                yield return FieldErrors.Invalid(Metadata["labels"], key, problem);
            }

            foreach (var problem in NameFormats.LabelValue(value.TextOrEmpty()))
            {
                yield return FieldErrors.Invalid(Metadata["labels"], value.TextOrEmpty(), problem);
            }
        }
    }

    private static IEnumerable<FieldError> Annotations(JsonObject metadata)
    {
        var size = 0;
        foreach (var (key, value) in metadata["annotations"] as JsonObject ?? [])
        {
            size += key.Length + value.TextOrEmpty().Length;
            foreach (var problem in NameFormats.QualifiedName(key.ToLowerInvariant()))
            {
                yield return FieldErrors.Invalid(Metadata["annotations"], key, problem);
            }
        }

        if (size > AnnotationsLimit)
        {
            yield return FieldErrors.TooLong(Metadata["annotations"], AnnotationsLimit);
        }
    }

    private static IEnumerable<FieldError> Finalizers(JsonObject content)
    {
        var finalizers = content.Finalizers();
        for (var i = 0; i < finalizers.Count; i++)
        {
            foreach (var problem in NameFormats.QualifiedName(finalizers[i]))
            {
                yield return FieldErrors.Invalid(Metadata["finalizers"][i], finalizers[i], problem);
            }
        }
    }

    private static IEnumerable<FieldError> Owners(JsonObject metadata)
    {
        var owners = metadata.Items("ownerReferences");
        foreach (var owner in owners)
        {
            foreach (var field in new[] { "apiVersion", "kind", "name", "uid" })
            {
                if (owner.NonEmpty(field) is null)
                {
                    yield return FieldErrors.Invalid(
                        Metadata["ownerReferences"][field],
                        "",
                        field == "apiVersion" ? "version must not be empty" : "must not be empty");
                }
            }
        }

        var controllers = owners.Where(owner => owner.IsTrue("controller")).ToList();
        if (controllers.Count > 1)
        {
            yield return FieldErrors.InvalidShown(
                Metadata["ownerReferences"],
                metadata["ownerReferences"]!.ToJsonString(),
                "Only one reference can have Controller set to true. Found \"true\" in references for "
                + $"{controllers[0].NonEmpty("name")} and {controllers[1].NonEmpty("name")}");
        }
    }
}
