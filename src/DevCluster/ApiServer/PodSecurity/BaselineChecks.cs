using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.PodSecurity;

/// <summary>The checks of the baseline level; null means that a check passes.</summary>
internal static class BaselineChecks
{
    private static readonly string[] DefaultCapabilities =
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID", "SYS_CHROOT",
    ];

    private static readonly string[] SafeSysctls =
    [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
    ];

    private static readonly string[] HostNamespaceFields = ["hostNetwork", "hostPID", "hostIPC"];
    private static readonly string[] IdentityFields = ["user", "role"];
    private static readonly string[] HandlerKinds = ["httpGet", "tcpSocket"];

    private static readonly string[][] Handlers =
        [["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "preStop"], ["lifecycle", "postStart"]];

    private static readonly string[] LinuxTypes =
    [
        "",
        "container_t",
        "container_init_t",
        "container_kvm_t",
        "container_engine_t",
    ];

    public static string? Capabilities(PodUnderReview pod)
    {
        static IEnumerable<string> Foreign(JsonObject container) =>
            container.Texts("securityContext", "capabilities", "add")
                .Where(name => !DefaultCapabilities.Contains(name));
        var names = pod.Names(container => Foreign(container).Any());
        return names.Count == 0
            ? null
            : $"non-default capabilities ({PodUnderReview.Name(names)} must not include " +
                $"{PodUnderReview.Quoted(pod.Containers.SelectMany(Foreign))} in securityContext.capabilities.add)";
    }

    public static string? HostNamespaces(PodUnderReview pod)
    {
        var used = HostNamespaceFields.Where(field => pod.Spec.Flag(field) == true)
            .Select(field => field + "=true")
            .ToList();
        return used.Count > 0 ? $"host namespaces ({PodUnderReview.Join(used)})" : null;
    }

    public static string? HostPaths(PodUnderReview pod)
    {
        var names = pod.Spec.Items("volumes")
            .Where(volume => volume.Has("hostPath"))
            .Select(volume => $"\"{volume.Text("name")}\"")
            .ToList();
        return names.Count == 0
            ? null
            : $"hostPath volumes ({PodUnderReview.Count("volume", names)} {PodUnderReview.Join(names)})";
    }

    public static string? HostPorts(PodUnderReview pod)
    {
        static IEnumerable<long> Ports(JsonObject container) =>
            container.Items("ports").Select(port => port.Number("hostPort") ?? 0).Where(port => port != 0);
        var names = pod.Names(container => Ports(container).Any());
        var ports = pod.Containers.SelectMany(Ports).Distinct().Order().Select(port => $"{port}").ToList();
        return names.Count == 0
            ? null
            : $"hostPort ({PodUnderReview.Name(names)} {(names.Count == 1 ? "uses" : "use")} " +
                $"{PodUnderReview.Count("hostPort", ports)} {PodUnderReview.Join(ports)})";
    }

    public static string? ProbeHosts(PodUnderReview pod)
    {
        static IEnumerable<string> Hosts(JsonObject container) =>
            Handlers.Select(path => container.At(path))
                .SelectMany(handler => HandlerKinds.Select(kind => handler.Text(kind, "host"))).OfType<string>()
                .Where(host => host.Length > 0 && host is not ("127.0.0.1" or "::1"));
        var names = pod.Names(container => Hosts(container).Any());
        var hosts = pod.Containers.SelectMany(Hosts).Distinct().ToList();
        return names.Count == 0
            ? null
            : $"probe or lifecycle host ({PodUnderReview.Name(names)} {(names.Count == 1 ? "uses" : "use")} probe or "
                + $"lifecycle " +
                $"{PodUnderReview.Count("host", hosts)} {PodUnderReview.Quoted(hosts)})";
    }

    public static string? Privileged(PodUnderReview pod)
    {
        var names = pod.Names(container => container.Flag("securityContext", "privileged") == true);
        return names.Count == 0
            ? null
            : $"privileged ({PodUnderReview.Name(names)} must not set securityContext.privileged=true)";
    }

    public static string? ProcMount(PodUnderReview pod)
    {
        var names =
            pod.Names(container => container.Text("securityContext", "procMount") is { } mount && mount != "Default");
        return names.Count == 0 || pod.Spec.Flag("hostUsers") == false
            ? null
            : $"procMount ({PodUnderReview.Name(names)} must not set securityContext.procMount to \"Unmasked\")";
    }

    public static string? LinuxOptions(PodUnderReview pod)
    {
        static bool IsBad(JsonObject? options) =>
            options is not null
            && (!LinuxTypes.Contains(options.Text("type") ?? "")
                || !string.IsNullOrEmpty(options.Text("user"))
                || !string.IsNullOrEmpty(options.Text("role")));
        var names = pod.Names(container => IsBad(container.Map("securityContext", "seLinuxOptions")));
        var setters = Setters(IsBad(pod.Context.Map("seLinuxOptions")), names);
        if (setters is null)
        {
            return null;
        }

        var all = pod.Containers.Select(container => container.Map("securityContext", "seLinuxOptions"))
            .Prepend(pod.Context.Map("seLinuxOptions")).OfType<JsonObject>().ToList();
        var types = all.Select(options => options.Text("type") ?? "")
            .Where(type => !LinuxTypes.Contains(type))
            .Distinct()
            .ToList();
        var parts = new List<string>();
        if (types.Count > 0)
        {
            parts.Add($"{PodUnderReview.Count("type", types)} {PodUnderReview.Quoted(types)}");
        }

        parts.AddRange(IdentityFields.Where(field => all.Exists(options => !string.IsNullOrEmpty(options.Text(field))))
            .Select(field => field + " may not be set"));
        return $"seLinuxOptions ({setters} set forbidden securityContext.seLinuxOptions: {string.Join("; ", parts)})";
    }

    public static string? Seccomp(PodUnderReview pod)
    {
        var names = pod.Names(container => container.Text("securityContext", "seccompProfile", "type") == "Unconfined");
        var setters = Setters(pod.Context.Text("seccompProfile", "type") == "Unconfined", names);
        return setters is null
            ? null
            : $"seccompProfile ({setters} must not set securityContext.seccompProfile.type to \"Unconfined\")";
    }

    public static string? Sysctls(PodUnderReview pod)
    {
        var names = pod.Context.Items("sysctls")
            .Select(sysctl => sysctl.Text("name") ?? "")
            .Where(name => !SafeSysctls.Contains(name))
            .ToList();
        return names.Count == 0 ? null : $"forbidden sysctls ({PodUnderReview.Join(names)})";
    }

    public static string? AppArmor(PodUnderReview pod)
    {
        var names =
            pod.Names(container => container.Text("securityContext", "appArmorProfile", "type") == "Unconfined");
        var setters = Setters(pod.Context.Text("appArmorProfile", "type") == "Unconfined", names);
        return setters is null
            ? null
            : $"forbidden AppArmor profile ({setters} must not set securityContext.appArmorProfile.type to "
                + $"\"Unconfined\")";
    }

    /// <summary>
    /// The parts that set a field: <c>pod</c>, <c>container "c"</c>, <c>pod and container "c"</c>; null for none.
    /// </summary>
    public static string? Setters(bool isPod, IReadOnlyCollection<string> names) => (isPod, names.Count) switch
    {
        (false, 0) => null,
        (true, 0) => "pod",
        (false, _) => PodUnderReview.Name(names),
        _ => $"pod and {PodUnderReview.Name(names)}",
    };
}
