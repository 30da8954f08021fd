using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates the environment of a container.</summary>
internal static class EnvironmentValidation
{
    private static readonly string[] Sources =
    [
        "fieldRef",
        "resourceFieldRef",
        "configMapKeyRef",
        "secretKeyRef",
        "fileKeyRef",
    ];

    private static readonly string[] Fields =
    [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    private static readonly string[] Resources =
    [
        "limits.cpu",
        "limits.ephemeral-storage",
        "limits.memory",
        "requests.cpu",
        "requests.ephemeral-storage",
        "requests.memory",
    ];

    public static void Validate(JsonObject container, Findings findings, FieldPath path)
    {
        foreach (var (i, variable) in container.Items("env").Index())
        {
            Variable(variable, findings, path["env"][i]);
        }

        foreach (var (i, source) in container.Items("envFrom").Index())
        {
            From(source, findings, path["envFrom"], i);
        }
    }

    private static void Variable(JsonObject variable, Findings findings, FieldPath path)
    {
        if (variable.Text("name") is { Length: > 0 } name)
        {
            findings.Invalid(path["name"], name, NameFormats.EnvironmentVariable(name));
        }
        else
        {
            findings.Required(path["name"]);
        }

        if (variable.Map("valueFrom") is not { } source)
        {
            return;
        }

        var at = path["valueFrom"];
        var given = Sources.Where(kind => source.Has(kind)).ToList();
        if (given.Count == 0)
        {
            findings.Invalid(
                at,
                "",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                + "`fileKeyRef`");
        }
        else if (!string.IsNullOrEmpty(variable.Text("value")))
        {
            findings.Invalid(at, "", "may not be specified when `value` is not empty");
        }
        else if (given.Count > 1)
        {
            findings.Invalid(at, "", "may not have more than one field specified at a time");
        }

        Field(source.Map("fieldRef"), findings, at["fieldRef"]);
        if (source.Map("resourceFieldRef") is { } resource)
        {
            findings.OneOf(at["resourceFieldRef"]["resource"], resource.Text("resource"), Resources);
        }

        Key(source.Map("configMapKeyRef"), findings, at["configMapKeyRef"]);
        Key(source.Map("secretKeyRef"), findings, at["secretKeyRef"]);
    }

    private static void Field(JsonObject? reference, Findings findings, FieldPath path)
    {
        if (reference?.Text("fieldPath") is not { } field)
        {
            return;
        }

        var isKeyed = field.EndsWith("']", StringComparison.Ordinal)
            && (field.StartsWith("metadata.labels['", StringComparison.Ordinal)
                || field.StartsWith("metadata.annotations['", StringComparison.Ordinal));
        if (field.Length == 0)
        {
            findings.Required(path["fieldPath"]);
        }
        else if (!isKeyed && !Fields.Contains(field))
        {
            findings.Invalid(
                path["fieldPath"], field, $"error converting fieldPath: field label not supported: {field}");
        }
    }

    private static void Key(JsonObject? reference, Findings findings, FieldPath path)
    {
        if (reference is null)
        {
            return;
        }

        findings.Invalid(
            path["name"], reference.Text("name") ?? "", NameFormats.Subdomain(reference.Text("name") ?? ""));
        if (reference.Text("key") is { Length: > 0 } key)
        {
            findings.Invalid(path["key"], key, NameFormats.ConfigKey(key));
        }
        else
        {
            findings.Required(path["key"]);
        }
    }

    private static void From(JsonObject source, Findings findings, FieldPath path, int index)
    {
        if (source.Text("prefix") is { Length: > 0 } prefix)
        {
            findings.Invalid(path[index]["prefix"], prefix, NameFormats.EnvironmentVariable(prefix));
        }

        if (!source.Has("configMapRef") && !source.Has("secretRef"))
        {
            // The real server reports the list instead of the entry.
            findings.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        }

        foreach (var kind in (ReadOnlySpan<string>)["configMapRef", "secretRef"])
        {
            if (source.Map(kind) is { } reference)
            {
                var name = reference.Text("name") ?? "";
                findings.Invalid(path[index][kind]["name"], name, NameFormats.Subdomain(name));
            }
        }
    }
}
