using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates the volumes of a pod.</summary>
internal static class VolumeValidation
{
    private const int LargestMode = 511;

    /// <summary>Validates the volumes and returns their names, to which mounts refer.</summary>
    public static IReadOnlySet<string> Validate(JsonObject spec, Findings findings, FieldPath path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, volume) in spec.Items("volumes").Index())
        {
            var at = path[i];
            Source(volume, findings, at);
            if (volume.Text("name") is not { Length: > 0 } name)
            {
                findings.Required(at["name"]);
                continue;
            }

            findings.Invalid(at["name"], name, NameFormats.Label(name));
            if (!names.Add(name))
            {
                findings.Duplicate(at["name"], name);
            }
        }

        return names;
    }

    /// <summary>Requires a relative path without parent references.</summary>
    public static void RelativePath(Findings findings, FieldPath field, string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return;
        }

        if (path[0] == '/')
        {
            findings.Invalid(field, path, "must be a relative path");
        }

        if (path.Split('/').Contains(".."))
        {
            findings.Invalid(field, path, "must not contain '..'");
        }
    }

    private static void Source(JsonObject volume, Findings findings, FieldPath path)
    {
        var kinds = volume.Where(field => field.Key != "name" && field.Value is not null).Select(field => field.Key)
            .Order(StringComparer.Ordinal).ToList();
        foreach (var extra in kinds.Skip(1))
        {
            findings.Forbidden(path[extra], "may not specify more than 1 volume type");
        }

        if (kinds.Count == 0)
        {
            findings.Required(path, "must specify a volume type");
            return;
        }

        var source = volume.Map(kinds[0]);
        var at = path[kinds[0]];
        switch (kinds[0])
        {
            case "secret":
                Required(source, "secretName", findings, at);
                Files(source, findings, at);
                break;
            case "configMap":
                Required(source, "name", findings, at);
                Files(source, findings, at);
                break;
            case "hostPath":
                Required(source, "path", findings, at);
                break;
            case "persistentVolumeClaim":
                Required(source, "claimName", findings, at);
                break;
            case "projected":
                Mode(source?["defaultMode"], findings, at["defaultMode"]);
                break;
        }
    }

    private static void Required(JsonObject? source, string field, Findings findings, FieldPath path)
    {
        if (string.IsNullOrEmpty(source.Text(field)))
        {
            findings.Required(path[field]);
        }
    }

    private static void Files(JsonObject? source, Findings findings, FieldPath path)
    {
        Mode(source?["defaultMode"], findings, path["defaultMode"]);
        foreach (var (i, item) in source.Items("items").Index())
        {
            var at = path["items"][i];
            Required(item, "key", findings, at);
            Required(item, "path", findings, at);
            RelativePath(findings, at["path"], item.Text("path"));
            Mode(item["mode"], findings, at["mode"]);
        }
    }

    private static void Mode(JsonNode? mode, Findings findings, FieldPath path)
    {
        if (mode.Number() is < 0 or > LargestMode)
        {
            findings.Invalid(path, mode.Number(), "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }
}
