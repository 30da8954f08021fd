using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

/// <summary>Refuses contradictions in the security contexts of pods and containers.</summary>
internal static partial class SecurityContextValidation
{
    private const int LongestSysctl = 253;
    private const string SysctlPart = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private const string SysctlForm = $@"({SysctlPart}[\./])*{SysctlPart}";

    public static void Pod(JsonObject? context, Findings findings, FieldPath path)
    {
        Identity(context, "fsGroup", findings, path);
        Identity(context, "runAsUser", findings, path);
        Identity(context, "runAsGroup", findings, path);
        Sysctls(context, findings, path["sysctls"]);
        foreach (var (i, group) in (context.List("supplementalGroups") ?? []).Index())
        {
            Identity(group.Number(), findings, path["supplementalGroups"][i]);
        }

        findings.OneOf(
            path["fsGroupChangePolicy"], context.Text("fsGroupChangePolicy"), "Always", "OnRootMismatch");
        findings.OneOf(
            path["supplementalGroupsPolicy"], context.Text("supplementalGroupsPolicy"), "Merge", "Strict");
        Seccomp(context.Map("seccompProfile"), findings, path["seccompProfile"]);
        AppArmor(context.Map("appArmorProfile"), findings, path["appArmorProfile"]);
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
        AppArmor(context.Map("appArmorProfile"), findings, path["appArmorProfile"]);
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

    private static void Sysctls(JsonObject? context, Findings findings, FieldPath path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, sysctl) in context.Items("sysctls").Index())
        {
            var at = path[i]["name"];
            if (sysctl.NonEmpty("name") is not { } name)
            {
                findings.Required(at);
            }
            else if (name.Length > LongestSysctl || !Sysctl().IsMatch(name))
            {
                findings.Invalid(
                    at, name, $"must have at most {LongestSysctl} characters and match regex ^{SysctlForm}$");
            }
            else if (!names.Add(name))
            {
                findings.Duplicate(at, name);
            }
        }
    }

    private static void Identity(JsonObject? context, string field, Findings findings, FieldPath path) =>
        Identity(context.Number(field), findings, path[field]);

    private static void Identity(long? id, Findings findings, FieldPath path)
    {
        if (id is < 0 or > int.MaxValue)
        {
            findings.Invalid(path, id, "must be between 0 and 2147483647, inclusive");
        }
    }

    private static void AppArmor(JsonObject? profile, Findings findings, FieldPath path)
    {
        if (profile is null)
        {
            return;
        }

        var (type, local) = (profile.TextOrEmpty("type"), profile.Text("localhostProfile"));
        if (type.Length == 0)
        {
            findings.Required(path["type"], "type is required when appArmorProfile is set");
        }
        else
        {
            findings.OneOf(path["type"], type, "Localhost", "RuntimeDefault", "Unconfined");
        }

        if (type == "Localhost" && string.IsNullOrEmpty(local))
        {
            findings.Required(path["localhostProfile"], "must be set when AppArmor type is Localhost");
        }
        else if (type == "Localhost" && local!.Trim() != local)
        {
            findings.Invalid(path["localhostProfile"], local, "must not be padded with whitespace");
        }
        else if (type is "RuntimeDefault" or "Unconfined" && local is not null)
        {
            findings.Invalid(path["localhostProfile"], local, "can only be set when AppArmor type is Localhost");
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

    [GeneratedRegex($@"\A{SysctlForm}\z")]
    private static partial Regex Sysctl();
}
