using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.PodSecurity;

/// <summary>The checks of the restricted level beyond baseline; null means that a check passes.</summary>
internal static class RestrictedChecks
{
    private static readonly string[] AllowedVolumes =
        [
            "name",
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "persistentVolumeClaim",
            "projected",
            "secret",
            "image",
        ];

    private static readonly string[] AllowedSeccomp = ["RuntimeDefault", "Localhost"];

    public static string? PrivilegeEscalation(PodUnderReview pod)
    {
        var names = pod.Names(container => container.Flag("securityContext", "allowPrivilegeEscalation") != false);
        return names.Count == 0
            ? null
            : $"allowPrivilegeEscalation != false ({PodUnderReview.Name(names)} must set "
                + $"securityContext.allowPrivilegeEscalation=false)";
    }

    public static string? Capabilities(PodUnderReview pod)
    {
        static IEnumerable<string> Added(JsonObject container) =>
            container.Texts("securityContext", "capabilities", "add").Where(name => name != "NET_BIND_SERVICE");
        var keepers =
            pod.Names(container => !container.Texts("securityContext", "capabilities", "drop").Contains("ALL"));
        var adders = pod.Names(container => Added(container).Any());
        var parts = new List<string>();
        if (keepers.Count > 0)
        {
            parts.Add($"{PodUnderReview.Name(keepers)} must set securityContext.capabilities.drop=[\"ALL\"]");
        }

        if (adders.Count > 0)
        {
            var added = PodUnderReview.Quoted(pod.Containers.SelectMany(Added));
            parts.Add($"{PodUnderReview.Name(adders)} must not include {added} in securityContext.capabilities.add");
        }

        return parts.Count == 0 ? null : $"unrestricted capabilities ({string.Join("; ", parts)})";
    }

    public static string? Volumes(PodUnderReview pod)
    {
        static IEnumerable<string> Kinds(JsonObject volume) =>
            volume.Where(field => field.Value is not null && !AllowedVolumes.Contains(field.Key))
                .Select(field => field.Key);
        var bad = pod.Spec.Items("volumes").Where(volume => Kinds(volume).Any()).ToList();
        if (bad.Count == 0)
        {
            return null;
        }

        var names = bad.Select(volume => $"\"{volume.Text("name")}\"").ToList();
        var kinds = bad.SelectMany(Kinds).Distinct().Order(StringComparer.Ordinal).ToList();
        return $"restricted volume types ({PodUnderReview.Count("volume", names)} {PodUnderReview.Join(names)} " +
            $"{(names.Count == 1 ? "uses" : "use")} restricted volume {PodUnderReview.Count("type", kinds)} "
            + $"{PodUnderReview.Quoted(kinds)})";
    }

    public static string? NonRoot(PodUnderReview pod)
    {
        var ofPod = pod.Context.Flag("runAsNonRoot");
        var refusing = pod.Names(container => container.Flag("securityContext", "runAsNonRoot") == false);
        var silent = pod.Names(container => container.Flag("securityContext", "runAsNonRoot") is null);

        // The pod's value applies to containers that do not set their own.
        var isPodBad = ofPod == false && silent.Count > 0;
        if (refusing.Count > 0 || isPodBad)
        {
            var setters = BaselineChecks.Setters(isPodBad, refusing);
            return $"runAsNonRoot != true ({setters} must not set securityContext.runAsNonRoot=false)";
        }

        return ofPod == true || silent.Count == 0
            ? null
            : $"runAsNonRoot != true (pod or {PodUnderReview.Name(silent)} must set securityContext.runAsNonRoot=true)";
    }

    public static string? RootUser(PodUnderReview pod)
    {
        var names = pod.Names(container => container.Number("securityContext", "runAsUser") == 0);
        var setters = BaselineChecks.Setters(pod.Context.Number("runAsUser") == 0, names);
        return setters is null ? null : $"runAsUser=0 ({setters} must not set runAsUser=0)";
    }

    public static string? Seccomp(PodUnderReview pod)
    {
        static string? Type(JsonObject? context) => context.Text("seccompProfile", "type");
        var ofPod = Type(pod.Context);
        var bad =
            pod.Names(container => Type(container.Map("securityContext")) is { } type
                && !AllowedSeccomp.Contains(type));
        if (BaselineChecks.Setters(ofPod is not null && !AllowedSeccomp.Contains(ofPod), bad) is { } setters)
        {
            return $"seccompProfile ({setters} must not set securityContext.seccompProfile.type to \"Unconfined\")";
        }

        var silent = pod.Names(container => Type(container.Map("securityContext")) is null);
        return ofPod is not null || silent.Count == 0
            ? null
            : $"seccompProfile (pod or {PodUnderReview.Name(silent)} must set securityContext.seccompProfile.type to " +
                "\"RuntimeDefault\" or \"Localhost\")";
    }
}
