using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Validates a CustomResourceDefinition as a whole. Paths are those of the real API, which moves values shared by all
/// versions to the top of the spec before validation: with one version, findings of a schema are below
/// <c>spec.validation</c>.
/// </summary>
internal static class CrdValidator
{
    private static readonly FieldPath Spec = FieldPath.At("spec");

    private static readonly string[] Scopes = ["Cluster", "Namespaced"];

    public static IReadOnlyList<FieldError> Validate(JsonObject crd, JsonObject? old)
    {
        var errors = new List<FieldError>();
        if (crd["spec"] is not JsonObject spec)
        {
            errors.Add(FieldErrors.Required(Spec));
            return errors;
        }

        CheckName(crd, spec, errors);
        CheckGroup(spec, errors);
        CheckScope(spec, errors);
        CheckConversion(spec, errors);
        CheckVersions(spec, errors);
        if (old is null && !spec.Items("versions").Any(version => version.IsTrue("storage")))
        {
            errors.Add(
                FieldErrors.Invalid(
                    FieldPath.At("status.storedVersions"), null, "must have at least one stored version"));
        }

        CrdNamesValidator.Validate(spec, errors);
        if (spec.IsTrue("preserveUnknownFields"))
        {
            errors.Add(FieldErrors.Invalid(
                Spec["preserveUnknownFields"],
                true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema "
                + "instead"));
        }

        if (old?["spec"] is JsonObject oldSpec)
        {
            CheckUpdate(crd, spec, oldSpec, errors);
        }

        return errors;
    }

    private static void CheckName(JsonObject crd, JsonObject spec, List<FieldError> errors)
    {
        var name = crd.Text("metadata", "name") ?? "";
        var at = FieldPath.At("metadata.name");
        if (name.Length == 0)
        {
            errors.Add(FieldErrors.Required(at, "name or generateName is required"));
            return;
        }

        errors.AddRange(NameFormats.Subdomain(name).Select(problem => FieldErrors.Invalid(at, name, problem)));
        var plural = spec["names"] is JsonObject names ? names.TextOrEmpty("plural") : "";
        if (name != $"{plural}.{spec.TextOrEmpty("group")}")
        {
            errors.Add(FieldErrors.Invalid(at, name, "must be spec.names.plural+\".\"+spec.group"));
        }
    }

    private static void CheckGroup(JsonObject spec, List<FieldError> errors)
    {
        var group = spec.TextOrEmpty("group");
        var at = Spec["group"];
        if (group.Length == 0)
        {
            errors.Add(FieldErrors.Required(at));
        }
        else if (NameFormats.Subdomain(group) is { Count: > 0 } problems)
        {
            errors.Add(FieldErrors.Invalid(at, group, string.Join(',', problems)));
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Add(FieldErrors.Invalid(at, group, "should be a domain with at least one dot"));
        }
    }

    private static void CheckScope(JsonObject spec, List<FieldError> errors)
    {
        var scope = spec.TextOrEmpty("scope");
        if (scope.Length == 0)
        {
            errors.Add(FieldErrors.Required(Spec["scope"]));
        }
        else if (!Scopes.Contains(scope))
        {
            errors.Add(FieldErrors.NotSupported(Spec["scope"], scope, Scopes));
        }
    }

    /// <summary>Objects are served as stored, so only the conversion strategy None is supported.</summary>
    private static void CheckConversion(JsonObject spec, List<FieldError> errors)
    {
        var strategy = (spec["conversion"] as JsonObject)?.TextOrEmpty("strategy") ?? "None";
        if (strategy != "None")
        {
            errors.Add(strategy == "Webhook"
                ? FieldErrors.Invalid(
                    Spec["conversion"]["strategy"],
                    strategy,
                    "conversion webhooks are not supported by the dev cluster; use None")
                : FieldErrors.NotSupported(Spec["conversion"]["strategy"], strategy, ["None", "Webhook"]));
        }
    }

    private static void CheckVersions(JsonObject spec, List<FieldError> errors)
    {
        var versions = spec.Items("versions").ToList();
        var at = Spec["versions"];
        var layout = new CrdLayout(versions);
        for (var i = 0; i < versions.Count; i++)
        {
            var name = versions[i].TextOrEmpty("name");
            if (NameFormats.Label1035(name) is { Count: > 0 } problems)
            {
                errors.Add(FieldErrors.Invalid(at[i]["name"], name, string.Join(',', problems)));
                if (i == 0)
                {
                    errors.Add(FieldErrors.Invalid(Spec["version"], name, string.Join(',', problems)));
                }
            }

            CrdVersionValidator.Validate(versions[i], i, layout, errors);
        }

        if (versions.Select(version => version.TextOrEmpty("name"))
            .Distinct(StringComparer.Ordinal)
            .Count() != versions.Count)
        {
            errors.Add(FieldErrors.InvalidShown(at, Shown(versions), "must contain unique version names"));
        }

        if (versions.Count(version => version.IsTrue("storage")) != 1)
        {
            errors.Add(
                FieldErrors.InvalidShown(
                    at, Shown(versions), "must have exactly one version marked as storage version"));
        }
    }

    /// <summary>The versions as Go prints its internal type, in which the fields below a version are nil.</summary>
    private static string Shown(IEnumerable<JsonObject> versions) =>
        new JsonArray(
        [
            .. versions.Select(version => new JsonObject
            {
                ["Name"] = version.TextOrEmpty("name"),
                ["Served"] = version.IsTrue("served"),
                ["Storage"] = version.IsTrue("storage"),
                ["Deprecated"] = version.IsTrue("deprecated"),
                ["DeprecationWarning"] = version["deprecationWarning"]?.DeepClone(),
                ["Schema"] = null,
                ["Subresources"] = null,
                ["AdditionalPrinterColumns"] = null,
                ["SelectableFields"] = null,
            }),
        ]).ToJsonString(RelaxedJson.Options);

    private static void CheckUpdate(JsonObject crd, JsonObject spec, JsonObject oldSpec, List<FieldError> errors)
    {
        void Immutable(FieldPath path, JsonNode? value, JsonNode? before)
        {
            if (!JsonNode.DeepEquals(value, before))
            {
                errors.Add(FieldErrors.Invalid(path, value, "field is immutable"));
            }
        }

        Immutable(Spec["scope"], spec["scope"], oldSpec["scope"]);
        Immutable(Spec["names"]["kind"], spec["names"]?["kind"], oldSpec["names"]?["kind"]);
        Immutable(Spec["group"], spec["group"], oldSpec["group"]);
        Immutable(Spec["names"]["plural"], spec["names"]?["plural"], oldSpec["names"]?["plural"]);
        CheckStoredVersions(crd, spec, errors);
    }

    /// <summary>A version in which objects may still be stored cannot be removed.</summary>
    private static void CheckStoredVersions(JsonObject crd, JsonObject spec, List<FieldError> errors)
    {
        var names = spec.Items("versions")
            .Select(version => version.TextOrEmpty("name"))
            .ToHashSet(StringComparer.Ordinal);
        var stored = (crd["status"] as JsonObject)?.Texts("storedVersions") ?? [];
        for (var i = 0; i < stored.Count; i++)
        {
            if (!names.Contains(stored[i]))
            {
                errors.Add(FieldErrors.Invalid(
                    FieldPath.At("status.storedVersions")[i],
                    stored[i],
                    $"missing from spec.versions; {stored[i]} was previously a storage version, and must remain in "
                    + $"spec.versions until a storage migration ensures no data remains persisted in {stored[i]} and "
                        + $"removes {stored[i]} from status.storedVersions"));
            }
        }
    }
}

/// <summary>Validates <c>spec.names</c>. Singular and listKind are optional: they are derived from the kind.</summary>
internal static class CrdNamesValidator
{
    private static readonly FieldPath Names = FieldPath.At("spec.names");

    public static void Validate(JsonObject spec, List<FieldError> errors)
    {
        var names = spec["names"] as JsonObject ?? [];
        var kind = names.TextOrEmpty("kind");
        var listKind = names.NonEmpty("listKind") is { } given ? given : kind.Length > 0 ? kind + "List" : "";
        var singular = names.NonEmpty("singular") is { } named ? named : kind.ToLowerInvariant();
        foreach (var (field, value) in new[]
        {
            ("plural", names.TextOrEmpty("plural")),
            ("singular", singular),
            ("kind", kind),
            ("listKind", listKind),
        })
        {
            if (value.Length == 0)
            {
                errors.Add(FieldErrors.Required(Names[field]));
            }
        }

        CheckLabel(Names["plural"], names.TextOrEmpty("plural"), errors);
        CheckLabel(Names["singular"], singular, errors);
        CheckMixedCase(Names["kind"], kind, errors);
        CheckMixedCase(Names["listKind"], listKind, errors);
        CheckAll(names, "shortNames", errors);
        if (kind.Length > 0 && kind == listKind)
        {
            errors.Add(FieldErrors.Invalid(Names["listKind"], listKind, "kind and listKind may not be the same"));
        }

        CheckAll(names, "categories", errors);
    }

    private static void CheckAll(JsonObject names, string field, List<FieldError> errors)
    {
        var values = names.Texts(field);
        for (var i = 0; i < values.Count; i++)
        {
            CheckLabel(Names[field][i], values[i], errors, isRequired: true);
        }
    }

    private static void CheckLabel(FieldPath path, string name, List<FieldError> errors, bool isRequired = false)
    {
        if ((name.Length > 0 || isRequired) && NameFormats.Label1035(name) is { Count: > 0 } problems)
        {
            errors.Add(FieldErrors.Invalid(path, name, string.Join(',', problems)));
        }
    }

    private static void CheckMixedCase(FieldPath path, string name, List<FieldError> errors)
    {
        if (name.Length > 0 && NameFormats.Label1035(name.ToLowerInvariant()) is { Count: > 0 } problems)
        {
            errors.Add(
                FieldErrors.Invalid(
                    path, name, $"may have mixed case, but should otherwise match: {string.Join(',', problems)}"));
        }
    }
}
