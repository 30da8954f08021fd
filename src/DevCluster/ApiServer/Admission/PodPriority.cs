using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>Resolves a pod's priority class to its number.</summary>
internal sealed class PodPriority : IAdmissionPlugin
{
    private const string Preempt = "PreemptLowerPriority";

    public void Admit(AdmissionContext context)
    {
        if (context.Resource != KnownResources.Pods || context.Operation != AdmissionOperation.Create
            || context.Subresource is not null || context.Object?.Map("spec") is not { } spec)
        {
            return;
        }

        var (value, policy) = Resolve(context, spec);
        if (spec.Number("priority") is { } given && given != value)
        {
            throw Refusal.Forbidden(
                context,
                $"the integer value of priority ({given}) must not be provided in pod spec; " +
                $"priority admission controller computed {value} from the given PriorityClass name");
        }

        if (spec.Text("preemptionPolicy") is { Length: > 0 } wanted && wanted != policy)
        {
            throw Refusal.Forbidden(
                context,
                $"the string value of PreemptionPolicy ({wanted}) must not be provided in pod spec; " +
                $"priority admission controller computed {policy} from the given PriorityClass name");
        }

        spec["priority"] = value;
        spec["preemptionPolicy"] = policy;
    }

    private static (long Value, string Policy) Resolve(AdmissionContext context, JsonObject spec)
    {
        switch (spec.Text("priorityClassName"))
        {
            case null or "":
                return (0, Preempt);
            case "system-node-critical":
                return (2_000_001_000, Preempt);
            case "system-cluster-critical":
                return (2_000_000_000, Preempt);
            case { } name:
                var found = context.Registry.Get(KnownResources.PriorityClasses, null, name)?.Content
                    ?? throw Refusal.Forbidden(context, $"no PriorityClass with name {name} was found");
                return (found.Number("value") ?? 0, found.Text("preemptionPolicy") ?? Preempt);
        }
    }
}
