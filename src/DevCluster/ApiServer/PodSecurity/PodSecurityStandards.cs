using System.Text.Json.Nodes;

namespace DevCluster.ApiServer.PodSecurity;

/// <summary>Judges a pod by a level; restricted replaces the baseline checks that its own are stricter than.</summary>
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

    /// <summary>All objections in one line; null if there is none.</summary>
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
