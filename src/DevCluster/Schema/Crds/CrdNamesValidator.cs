using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.Schema.Crds;

/// <summary>Checks <c>spec.names</c>. Singular and listKind may be left out: they are derived from the kind.</summary>
internal static class CrdNamesValidator
{
    private static readonly FieldPath Names = FieldPath.Of("spec.names");

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
