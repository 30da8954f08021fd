using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// The rules of <c>metadata</c>: what an update may not change, and for custom resources what may stand there at all.
/// Of built-in kinds admission checks the latter, together with the rules of the kind.
/// </summary>
internal static class ObjectMetadataValidator
{
    private const int AnnotationsLimit = 256 * 1024;

    public static IEnumerable<FieldError> OnCreate(ResourceDefinition definition, JsonObject content)
    {
        var name = content.MetadataText("name");
        if (name is null)
        {
            return
            [
                new FieldError(
                    "metadata.name", "FieldValueRequired", "Required value: name or generateName is required"),
            ];
        }

        return definition.IsCustom
            ? NameFormats.Subdomain(name)
                .Select(problem => Invalid("metadata.name", name, problem))
                .Concat(Common(content))
            : [];
    }

    public static IEnumerable<FieldError> OnUpdate(ResourceDefinition definition, JsonObject old, JsonObject content)
    {
        var errors = new List<FieldError>();
        foreach (var field in new[]
        {
            "name",
            "namespace",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
        })
        {
            var value = content["metadata"]?[field];
            if (!JsonNode.DeepEquals(value, old["metadata"]?[field]))
            {
                errors.Add(new FieldError(
                    $"metadata.{field}",
                    "FieldValueInvalid",
                    $"Invalid value: {value?.ToJsonString() ?? "null"}: field is immutable"));
            }
        }

        if (old.IsTerminating())
        {
            var added = content.Finalizers().Except(old.Finalizers(), StringComparer.Ordinal).ToList();
            if (added.Count > 0)
            {
                var list = string.Join(", ", added.Select(item => $"\"{item}\""));
                errors.Add(new FieldError(
                    "metadata.finalizers",
                    "FieldValueForbidden",
                    $"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers "
                    + $"[]string{{{list}}}"));
            }
        }

        return definition.IsCustom ? errors.Concat(Common(content)) : errors;
    }

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
                yield return Invalid("metadata.labels", key, problem);
            }

            foreach (var problem in NameFormats.LabelValue(Text(value)))
            {
                yield return Invalid("metadata.labels", Text(value), problem);
            }
        }
    }

    private static IEnumerable<FieldError> Annotations(JsonObject metadata)
    {
        var size = 0;
        foreach (var (key, value) in metadata["annotations"] as JsonObject ?? [])
        {
            size += key.Length + Text(value).Length;
            foreach (var problem in NameFormats.QualifiedName(key.ToLowerInvariant()))
            {
                yield return Invalid("metadata.annotations", key, problem);
            }
        }

        if (size > AnnotationsLimit)
        {
            yield return new FieldError(
                "metadata.annotations",
                "FieldValueTooLong",
                $"Too long: may not be more than {AnnotationsLimit} bytes");
        }
    }

    private static IEnumerable<FieldError> Finalizers(JsonObject content)
    {
        var finalizers = content.Finalizers();
        for (var i = 0; i < finalizers.Count; i++)
        {
            foreach (var problem in NameFormats.QualifiedName(finalizers[i]))
            {
                yield return Invalid($"metadata.finalizers[{i}]", finalizers[i], problem);
            }
        }
    }

    private static IEnumerable<FieldError> Owners(JsonObject metadata)
    {
        var owners = (metadata["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        foreach (var owner in owners)
        {
            foreach (var field in new[] { "apiVersion", "kind", "name", "uid" })
            {
                if (owner.TextOf(field) is null)
                {
                    yield return Invalid(
                        $"metadata.ownerReferences.{field}",
                        "",
                        field == "apiVersion" ? "version must not be empty" : "must not be empty");
                }
            }
        }

        var controllers =
            owners.Where(owner => owner["controller"] is JsonValue flag && flag.GetValueKind() == JsonValueKind.True)
                .ToList();
        if (controllers.Count > 1)
        {
            yield return new FieldError(
                "metadata.ownerReferences",
                "FieldValueInvalid",
                $"Invalid value: {metadata["ownerReferences"]!.ToJsonString()}: Only one reference can have "
                + $"Controller set to true. "
                + $"Found \"true\" in references for {controllers[0].TextOf("name")} and "
                    + $"{controllers[1].TextOf("name")}");
        }
    }

    private static FieldError Invalid(string field, string value, string problem) =>
        new(field, "FieldValueInvalid", $"Invalid value: {JsonSerializer.Serialize(value, RelaxedJson.Options)}: "
            + $"{problem}");

    private static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
