// Collection: deletes orphans, contents of deleted namespaces and expired events, and computes quota usage.

using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Collection;

/// <summary>Deletes objects without a living owner, and completes foreground and orphan deletions.</summary>
internal sealed class GarbageCollector(ControlPlaneContext cluster) : IController
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly ClusterWriter _writer = cluster.WriterFor("kube-controller-manager");
    private readonly DueSet<string> _due = new();

    public void Observe(ObjectChange change)
    {
        var found = change.Object;
        if (change.Type == ChangeType.Deleted)
        {
            AddDependents(found.Uid);

            // An owner in foreground deletion may have waited for this dependent.
            foreach (var owner in OwnerReferences.FromObject(found))
            {
                AddIfWaiting(owner.Text("uid"));
            }

            return;
        }

        if (found.Content.Has("metadata", "ownerReferences") || IsDeletedWithPolicy(found))
        {
            _due.Add(found.Uid);
        }

        if (change.Previous is { } previous && previous.Content.Has("metadata", "ownerReferences"))
        {
            foreach (var owner in OwnerReferences.FromObject(previous))
            {
                AddIfWaiting(owner.Text("uid"));
            }
        }
    }

    public bool Work() => _due.Drain(Process);

    private static bool HasFinalizer(StoredObject found, string finalizer) =>
        found.Content.Map("metadata").Texts("finalizers").Contains(finalizer);

    private static bool IsDeletedWithPolicy(StoredObject found) =>
        found.Content.IsTerminating()
        && (HasFinalizer(found, ForegroundFinalizer) || HasFinalizer(found, OrphanFinalizer));

    private void AddDependents(string uid)
    {
        foreach (var dependent in cluster.View.Dependents(uid))
        {
            _due.Add(dependent.Uid);
        }
    }

    private void AddIfWaiting(string? uid)
    {
        if (uid is not null && cluster.View.ByUid(uid) is { } owner && IsDeletedWithPolicy(owner))
        {
            _due.Add(uid);
        }
    }

    private void Process(string uid)
    {
        if (cluster.View.ByUid(uid) is not { } found)
        {
            return;
        }

        if (found.Content.IsTerminating())
        {
            FinishDeletion(found);
            return;
        }

        var owners = OwnerReferences.FromObject(found)
            .ToLookup(owner => StateOf(found, owner), owner => owner.Text("uid") ?? "");
        if (owners.Count == 0)
        {
            return;
        }

        if (owners.Contains(OwnerState.Present))
        {
            var useless = owners[OwnerState.Absent].Concat(owners[OwnerState.Waiting]).ToHashSet();
            if (useless.Count > 0)
            {
                _writer.Update(found, content => OwnerReferences.Remove(content, useless));
            }

            return;
        }

        // An owner that waits for this object must also wait for the dependents of this object.
        var isNested = owners.Contains(OwnerState.Waiting) && cluster.View.Dependents(uid).Count > 0;
        _writer.Delete(found, isNested ? DeletionPropagation.Foreground : DeletionPropagation.Background);
    }

    private void FinishDeletion(StoredObject found)
    {
        if (HasFinalizer(found, OrphanFinalizer))
        {
            var released = cluster.View.Dependents(found.Uid).ToList()
                .Select(dependent => _writer.Update(
                    dependent,
                    content => OwnerReferences.Remove(content, new HashSet<string> { found.Uid })) is not null
                    || cluster.Registry.Get(
                        dependent.Resource, dependent.Namespace, dependent.Name)?.Uid != dependent.Uid)
                .ToList();
            if (released.Contains(false))
            {
                // A dependent whose reference cannot be removed blocks the deletion of its owner, as in a real cluster.
                cluster.Timers.After(RetryAfter, () => _due.Add(found.Uid));
                return;
            }

            RemoveFinalizer(found, OrphanFinalizer);
        }
        else if (HasFinalizer(found, ForegroundFinalizer))
        {
            var dependents = cluster.View.Dependents(found.Uid)
                .Where(dependent => !IsForeign(dependent, found))
                .ToList();
            foreach (var dependent in dependents.Where(dependent => !dependent.Content.IsTerminating()))
            {
                _due.Add(dependent.Uid);
            }

            if (!dependents.Any(dependent => Blocks(dependent, found.Uid)))
            {
                RemoveFinalizer(found, ForegroundFinalizer);
            }
        }
    }

    private static bool Blocks(StoredObject dependent, string ownerUid) =>
        OwnerReferences.FromObject(dependent)
            .Any(owner => owner.Text("uid") == ownerUid && owner.Flag("blockOwnerDeletion") == true);

    private static bool IsForeign(StoredObject dependent, StoredObject owner) =>
        owner.Namespace is { } ns && dependent.Namespace != ns;

    private void RemoveFinalizer(StoredObject found, string finalizer) =>
        _writer.Update(found, content =>
        {
            var kept = content.Map("metadata").Texts("finalizers").Where(existing => existing != finalizer).ToList();
            content.Ensure("metadata")["finalizers"] = new JsonArray(
                [.. kept.Select(existing => JsonValue.Create(existing))]);
        });

    private OwnerState StateOf(StoredObject dependent, JsonObject reference)
    {
        if (cluster.View.ByUid(reference.Text("uid") ?? "") is not { } owner || !Matches(reference, owner))
        {
            return OwnerState.Absent;
        }

        if (IsForeign(dependent, owner))
        {
            // A cluster-scoped object cannot depend on a namespaced one: keep it.
            return dependent.Namespace is null ? OwnerState.Present : OwnerState.Absent;
        }

        var isWaiting = owner.Content.IsTerminating() && HasFinalizer(owner, ForegroundFinalizer);
        return isWaiting ? OwnerState.Waiting : OwnerState.Present;
    }

    private static bool Matches(JsonObject reference, StoredObject owner) =>
        owner.Name == reference.Text("name")
        && owner.Resource.Group == ApiVersions.Split(reference.TextOrEmpty("apiVersion")).Group
        && owner.Content.Text("kind") == reference.Text("kind");
}

/// <summary>The state of the owner that a reference names.</summary>
internal enum OwnerState
{
    /// <summary>The owner exists and keeps its dependents.</summary>
    Present,

    /// <summary>The owner is gone, or does not match the reference.</summary>
    Absent,

    /// <summary>The owner is in foreground deletion and waits for its dependents.</summary>
    Waiting,
}
