// Quotas: ResourceQuotas and LimitRanges.

using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission.Quotas;

/// <summary>
/// Refuses writes that exceed a ResourceQuota of the namespace, and adds admitted writes to the usage. A quota takes
/// effect once the control plane has published it in its status; the control plane also subtracts deleted objects.
/// </summary>
internal sealed class ResourceQuotaAdmission(TimeProvider clock) : IAdmissionPlugin
{
    private static readonly string[] MustBeSet =
        ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    public void Admit(AdmissionContext context)
    {
    }

    public void Validate(AdmissionContext context)
    {
        if (context.Namespace is not { } ns || context.Object is not { } content || !IsCounted(context))
        {
            return;
        }

        var quotas = context.Registry.List(KnownResources.ResourceQuotas, ns);
        if (quotas.Count == 0)
        {
            return;
        }

        var usage = QuotaUsage.FromObject(context.Resource, content, clock.GetUtcNow());
        var before = context.Old is { } old ? QuotaUsage.FromObject(context.Resource, old, clock.GetUtcNow()) : [];
        var charges = new List<(StoredObject Quota, Amounts Used)>();
        foreach (var quota in quotas)
        {
            if (Charge(context, quota, usage, before) is { } used)
            {
                charges.Add((quota, used));
            }
        }

        if (context.DryRun)
        {
            return;
        }

        foreach (var (quota, used) in charges)
        {
            context.Registry.Update(
                quota.Resource,
                quota.Namespace,
                quota.Name,
                stored => stored.Ensure("status")["used"] = used.ToJson(),
                new WriteOptions("kube-apiserver", "status"));
        }
    }

    /// <summary>Only Services and claims can increase their usage by an update.</summary>
    private static bool IsCounted(AdmissionContext context) =>
        context.Subresource is null
        && (context.Operation == AdmissionOperation.Create
            || (context.Operation == AdmissionOperation.Update
                && (context.Resource == KnownResources.Services
                    || context.Resource == KnownResources.PersistentVolumeClaims)));

    /// <summary>The usage of the quota after the write; null if the quota does not count the object.</summary>
    private static Amounts? Charge(AdmissionContext context, StoredObject quota, Amounts usage, Amounts before)
    {
        var hard = Amounts.Read(quota.Content.Map("status", "hard"));
        var counted = QuotaUsage.Matching(context.Resource, hard.Keys);
        if (counted.Count == 0 || !QuotaUsage.IsInScope(quota.Content, context.Resource, context.Object!))
        {
            return null;
        }

        if (context.Resource == KnownResources.Pods && Missing(context.Object!, counted) is { Length: > 0 } missing)
        {
            throw Refusal.Forbidden(context, $"failed quota: {quota.Name}: must specify {missing}");
        }

        var used = Amounts.Read(quota.Content.Map("status", "used"));
        if (counted.Any(name => !used.ContainsKey(name)))
        {
            throw Refusal.Forbidden(
                context,
                $"status unknown for quota: {quota.Name}, resources: "
                + string.Join(',', counted.Order(StringComparer.Ordinal)));
        }

        var requested = new Amounts();
        foreach (var (name, quantity) in usage.Only(hard.Keys))
        {
            var more = before.TryGetValue(name, out var present) ? quantity - present : quantity;
            if (more.Nanos.Sign > 0)
            {
                requested[name] = more;
            }
        }

        if (requested.Count == 0)
        {
            return null;
        }

        var exceeded = requested
            .Where(pair => (used[pair.Key] + pair.Value).CompareTo(hard[pair.Key]) > 0)
            .Select(pair => pair.Key)
            .ToList();
        if (exceeded.Count > 0)
        {
            throw Refusal.Forbidden(
                context,
                $"exceeded quota: {quota.Name}, requested: {requested.Only(exceeded)}, used: {used.Only(exceeded)}, "
                + $"limited: {hard.Only(exceeded)}");
        }

        foreach (var (name, more) in requested)
        {
            // Zero has no suffix family of its own, so the format of the added amount applies.
            used[name] = used[name].Nanos.IsZero ? more : used[name] + more;
        }

        return used;
    }

    /// <summary>The containers that do not specify a resource that the quota counts.</summary>
    private static string Missing(JsonObject pod, IReadOnlyList<string> counted) => string.Join("; ", counted
        .Where(MustBeSet.Contains)
        .Order(StringComparer.Ordinal)
        .Select(name => (Name: name, Containers: pod.Items("spec", "containers")
            .Concat(pod.Items("spec", "initContainers"))
            .Where(container => !Sets(container, name))
            .Select(container => container.Text("name") ?? "")
            .Order(StringComparer.Ordinal)
            .ToList()))
        .Where(missing => missing.Containers.Count > 0)
        .Select(missing => $"{missing.Name} for: {string.Join(',', missing.Containers)}"));

    private static bool Sets(JsonObject container, string name) => name.Split('.') is [var side, var resource]
        ? container.Has("resources", side, resource)
        : container.Has("resources", "requests", name);
}
