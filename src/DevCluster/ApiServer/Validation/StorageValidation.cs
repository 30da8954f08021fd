using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates PersistentVolumeClaims and StorageClasses.</summary>
internal static class StorageValidation
{
    private static readonly string[] Modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    private static readonly string[] ClassFields = ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"];

    public static void Claim(JsonObject claim, JsonObject? old, Findings findings)
    {
        var (spec, path) = (claim.Map("spec") ?? [], FieldPath.At("spec"));
        Access(spec.Texts("accessModes"), findings, path["accessModes"]);
        LabelSelectorValidation.Validate(spec.Map("selector"), findings, path["selector"]);
        Size(spec, findings, path["resources"].Key("storage"));
        if (spec.NonEmpty("storageClassName") is { } name)
        {
            findings.Invalid(path["storageClassName"], name, NameFormats.Subdomain(name));
        }

        findings.OneOf(path["volumeMode"], spec.Text("volumeMode"), "Block", "Filesystem");
        if (old is not null)
        {
            Unchanged(claim, old, findings);
        }
    }

    public static void Class(JsonObject storageClass, JsonObject? old, Findings findings)
    {
        if (storageClass.NonEmpty("provisioner") is { } provisioner)
        {
            findings.Invalid(
                FieldPath.At("provisioner"), provisioner, NameFormats.QualifiedName(provisioner.ToLowerInvariant()));
        }
        else
        {
            findings.Required(FieldPath.At("provisioner"));
        }

        findings.OneOf(FieldPath.At("reclaimPolicy"), storageClass.Text("reclaimPolicy"), "Delete", "Retain");
        findings.OneOf(
            FieldPath.At("volumeBindingMode"),
            storageClass.Text("volumeBindingMode"),
            "Immediate",
            "WaitForFirstConsumer");
        foreach (var field in old is null ? [] : ClassFields)
        {
            if (!storageClass[field].SameAs(old![field]))
            {
                findings.Invalid(FieldPath.At(field), storageClass[field]?.DeepClone(), "field is immutable");
            }
        }
    }

    private static void Access(IReadOnlyList<string> modes, Findings findings, FieldPath path)
    {
        if (modes.Count == 0)
        {
            findings.Required(path, "at least 1 access mode is required");
        }

        foreach (var mode in modes)
        {
            findings.OneOf(path, mode, Modes);
        }

        if (modes.Contains("ReadWriteOncePod") && modes.Any(mode => mode != "ReadWriteOncePod" && Modes.Contains(mode)))
        {
            findings.Forbidden(path, "may not use ReadWriteOncePod with other access modes");
        }
    }

    private static void Size(JsonObject spec, Findings findings, FieldPath path)
    {
        if (!spec.Has("resources", "requests", "storage"))
        {
            findings.Required(path);
        }
        else if (Quantity.TryParse(spec.Text("resources", "requests", "storage"), out var size)
            && size.Nanos.Sign <= 0)
        {
            findings.Invalid(path, size.ToString(), "must be greater than zero");
        }
    }

    /// <summary>
    /// The volume is set once, and a bound claim may request more storage. The real server appends the difference of
    /// the two specs.
    /// </summary>
    private static void Unchanged(JsonObject claim, JsonObject old, Findings findings)
    {
        var (after, before) = (Comparable(claim, old), Comparable(old, old));
        if (!after.SameAs(before))
        {
            findings.Forbidden(
                FieldPath.At("spec"),
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound "
                + "claims");
        }
    }

    private static JsonObject Comparable(JsonObject claim, JsonObject old)
    {
        var spec = (claim.Map("spec") ?? []).DeepClone().AsObject();
        if (string.IsNullOrEmpty(old.Text("spec", "volumeName")))
        {
            spec.Remove("volumeName");
        }

        if (claim.Text("status", "phase") == "Bound")
        {
            spec.Map("resources", "requests")?.Remove("storage");
            spec.Remove("volumeAttributesClassName");
        }
        else if (Quantity.TryParse(spec.Text("resources", "requests", "storage"), out var size))
        {
            spec.Map("resources", "requests")!["storage"] = size.ToString();
        }

        return spec;
    }
}
