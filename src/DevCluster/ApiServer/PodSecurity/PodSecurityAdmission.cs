// PodSecurity: the Pod Security Standards and their admission.

using System.Collections.Frozen;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.PodSecurity;

/// <summary>
/// Enforces the Pod Security level of a namespace's labels. Only pods are refused; workloads cause a warning that
/// explains why pods will not appear.
/// </summary>
internal sealed class PodSecurityAdmission : IAdmissionPlugin
{
    private static readonly FrozenDictionary<ResourceId, string[]> TemplatePaths = new Dictionary<ResourceId, string[]>
    {
        [KnownResources.Deployments] = ["spec", "template"],
        [KnownResources.ReplicaSets] = ["spec", "template"],
        [KnownResources.DaemonSets] = ["spec", "template"],
        [KnownResources.StatefulSets] = ["spec", "template"],
        [KnownResources.Jobs] = ["spec", "template"],
        [KnownResources.CronJobs] = ["spec", "jobTemplate", "spec", "template"],
        [KnownResources.PodTemplates] = ["template"],
        [KnownResources.ReplicationControllers] = ["spec", "template"],
    }.ToFrozenDictionary();

    public void Admit(AdmissionContext context)
    {
        if (context.Object is not { } content || context.Subresource is not (null or "ephemeralcontainers"))
        {
            return;
        }

        if (context.Resource == KnownResources.Pods)
        {
            // An existing pod is checked again only if its spec changes.
            if (!content["spec"].SameAs(context.Old?["spec"]) && content.Map("spec") is { } spec)
            {
                Review(context, content.Map("metadata"), spec, canRefuse: true);
            }
        }
        else if (TemplatePaths.TryGetValue(context.Resource, out var path) && content.Map(path) is { } template
            && !template.SameAs(context.Old.Map(path)) && template.Map("spec") is { } podSpec)
        {
            Review(context, template.Map("metadata"), podSpec, canRefuse: false);
        }
    }

    private static void Review(AdmissionContext context, JsonObject? metadata, JsonObject spec, bool canRefuse)
    {
        var labels =
            context.Registry.Get(
                KnownResources.Namespaces, null, context.Namespace ?? "")?.Content.Map("metadata", "labels");
        if (labels is null)
        {
            return;
        }

        if (canRefuse && Violations(labels, "enforce", metadata, spec) is { } violation)
        {
            throw Refusal.Forbidden(context, $"violates PodSecurity {violation}");
        }

        if (Violations(labels, "warn", metadata, spec) is { } concern)
        {
            context.Warnings.Add($"would violate PodSecurity {concern}");
        }
    }

    private static string? Violations(JsonObject labels, string mode, JsonObject? metadata, JsonObject spec)
    {
        var name = labels.Text($"pod-security.kubernetes.io/{mode}") ?? "privileged";

        // Writing a namespace with an unknown level is refused; for an existing one the real server uses the strictest
        // level.
        var level = name switch
        {
            "privileged" => PodSecurityLevel.Privileged,
            "baseline" => PodSecurityLevel.Baseline,
            _ => PodSecurityLevel.Restricted,
        };
        var version = labels.Text($"pod-security.kubernetes.io/{mode}-version") ?? "latest";
        return PodSecurityStandards.Violations(level, metadata, spec) is { } text
            ? $"\"{name}:{version}\": {text}"
            : null;
    }
}
