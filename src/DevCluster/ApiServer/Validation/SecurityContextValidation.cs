using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

/// <summary>Contradictions within the security contexts of pods and containers.</summary>
internal static class SecurityContextValidation
{
    public static void Pod(JsonObject? context, Findings findings, FieldPath path)
    {
        Identity(context, "fsGroup", findings, path);
        Identity(context, "runAsUser", findings, path);
        Identity(context, "runAsGroup", findings, path);
        var index = 0;
        foreach (var sysctl in context.Items("sysctls"))
        {
            var at = path["sysctls"][index++]["name"];
            if (string.IsNullOrEmpty(sysctl.Text("name")))
            {
                findings.Required(at);
            }
        }

        Seccomp(context.Map("seccompProfile"), findings, path["seccompProfile"]);
    }

    public static void Container(JsonObject? context, Findings findings, FieldPath path)
    {
        if (context is null)
        {
            return;
        }

        Identity(context, "runAsUser", findings, path);
        Identity(context, "runAsGroup", findings, path);
        findings.OneOf(path["procMount"], context.Text("procMount"), "Default", "Unmasked");
        Seccomp(context.Map("seccompProfile"), findings, path["seccompProfile"]);
        if (context.Flag("allowPrivilegeEscalation") != false)
        {
            return;
        }

        if (context.Flag("privileged") == true)
        {
            findings.Invalid(
                path, context.DeepClone(), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }

        if (context.Map("capabilities").Texts("add").Any(name => name is "CAP_SYS_ADMIN" or "SYS_ADMIN"))
        {
            findings.Invalid(
                path,
                context.DeepClone(),
                "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }

    private static void Identity(JsonObject? context, string field, Findings findings, FieldPath path)
    {
        if (context.Number(field) is < 0 or > int.MaxValue)
        {
            findings.Invalid(path[field], context.Number(field), "must be between 0 and 2147483647, inclusive");
        }
    }

    private static void Seccomp(JsonObject? profile, Findings findings, FieldPath path)
    {
        if (profile is null)
        {
            return;
        }

        findings.OneOf(path["type"], profile.Text("type") ?? "", "Localhost", "RuntimeDefault", "Unconfined");
        var isLocal = profile.Text("type") == "Localhost";
        if (isLocal && string.IsNullOrEmpty(profile.Text("localhostProfile")))
        {
            findings.Required(path["localhostProfile"], "must be set when seccomp type is Localhost");
        }
        else if (!isLocal && profile.Has("localhostProfile"))
        {
            findings.Invalid(path, profile.DeepClone(), "can only be set when seccomp type is Localhost");
        }
    }
}
