using System.Text.Json.Nodes;
using DevCluster.ApiServer.Defaults;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.PodSecurity;

/// <summary>Checks a pod against a level; restricted replaces some baseline checks with stricter ones.</summary>
internal static class PodSecurityStandards
{
    private static readonly Func<PodUnderReview, string?>[] Baseline =
    [
        BaselineChecks.AppArmor, BaselineChecks.Capabilities, BaselineChecks.HostNamespaces, BaselineChecks.HostPaths,
        BaselineChecks.HostPorts, BaselineChecks.ProbeHosts, BaselineChecks.Privileged, BaselineChecks.ProcMount,
        BaselineChecks.LinuxOptions, BaselineChecks.Seccomp, BaselineChecks.Sysctls,
    ];

    private static readonly Func<PodUnderReview, string?>[] Restricted =
    [
        BaselineChecks.AppArmor, BaselineChecks.HostNamespaces, BaselineChecks.HostPorts, BaselineChecks.ProbeHosts,
        BaselineChecks.Privileged, BaselineChecks.ProcMount, BaselineChecks.LinuxOptions, BaselineChecks.Sysctls,
        RestrictedChecks.PrivilegeEscalation,
        RestrictedChecks.Capabilities,
        RestrictedChecks.Volumes,
        RestrictedChecks.NonRoot,
        RestrictedChecks.RootUser, RestrictedChecks.Seccomp,
    ];

    /// <summary>All violations in one line; null if there are none.</summary>
    public static string? Violations(PodSecurityLevel level, JsonObject? metadata, JsonObject spec)
    {
        Func<PodUnderReview, string?>[] checks = level switch
        {
            PodSecurityLevel.Restricted => Restricted,
            PodSecurityLevel.Baseline => Baseline,
            _ => [],
        };
        var pod = new PodUnderReview(metadata, spec);
        var objections = checks.Select(check => check(pod)).OfType<string>().ToList();
        return objections.Count == 0 ? null : string.Join(", ", objections);
    }
}

/// <summary>The Pod Security Standards, each stricter than the previous one.</summary>
internal enum PodSecurityLevel
{
    Privileged,
    Baseline,
    Restricted,
}

/// <summary>A pod, in the form that the checks use.</summary>
internal sealed class PodUnderReview(JsonObject? metadata, JsonObject spec)
{
    public JsonObject? Metadata { get; } = metadata;

    public JsonObject Spec { get; } = spec;

    public JsonObject? Context { get; } = spec.Map("securityContext");

    public IReadOnlyList<JsonObject> Containers { get; } = [.. PodDefaults.Containers(spec)];

    /// <summary>The quoted names of the containers that match a predicate.</summary>
    public List<string> Names(Func<JsonObject, bool> isMeant) =>
        [.. Containers.Where(isMeant).Select(container => $"\"{container.Text("name")}\"")];

    public static string Count(string word, IReadOnlyCollection<string> items) => items.Count == 1 ? word : word + "s";

    public static string Join(IEnumerable<string> items) => string.Join(", ", items);

    public static string Quoted(IEnumerable<string> items) =>
        string.Join(", ", items.Distinct().Order(StringComparer.Ordinal).Select(item => $"\"{item}\""));

    /// <summary><c>container "a"</c> or <c>containers "a", "b"</c>.</summary>
    public static string Name(IReadOnlyCollection<string> names) => $"{Count("container", names)} {Join(names)}";
}
