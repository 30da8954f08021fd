using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Collection;

/// <summary>Deletes the contents of a terminating namespace, pods first, and then the namespace.</summary>
internal sealed class NamespaceDeletion(ControlPlaneContext cluster) : IController
{
    private readonly ClusterWriter _writer = cluster.WriterFor("kube-controller-manager");
    private readonly DueSet<string> _due = new();

    public void Observe(ObjectChange change)
    {
        if (change.Object.Resource == KnownResources.Namespaces)
        {
            if (change.Type != ChangeType.Deleted && change.Object.Content.IsTerminating())
            {
                _due.Add(change.Object.Name);
            }
        }
        else if (change.Object.Namespace is { } ns && Terminating(ns) is not null)
        {
            _due.Add(ns);
        }
    }

    public bool Work() => _due.Drain(Process);

    private StoredObject? Terminating(string ns) =>
        cluster.View.Get(KnownResources.Namespaces, new ObjectKey("", ns)) is { } found
        && found.Content.IsTerminating()
            ? found
            : null;

    private void Process(string ns)
    {
        if (Terminating(ns) is not { } found)
        {
            return;
        }

        var pods = cluster.View.List(KnownResources.Pods, ns);
        IReadOnlyList<StoredObject> content = pods.Count > 0
            ? [.. pods]
            : [.. cluster.View.Resources.SelectMany(resource => cluster.View.List(resource, ns))];
        foreach (var one in content.Where(one => !one.Content.IsTerminating()))
        {
            _writer.Delete(one, DeletionPropagation.Background);
        }

        var now = cluster.Now;
        if (content.Count > 0)
        {
            _writer.Update(found, namespaceContent => Report(namespaceContent, content, now), "status");
            return;
        }

        _writer.Update(
            found,
            namespaceContent =>
            {
                var kept = namespaceContent.Map("spec")
                    .Texts("finalizers")
                    .Where(finalizer => finalizer != "kubernetes")
                    .ToList();
                namespaceContent.Ensure("spec")["finalizers"] = new JsonArray(
                    [.. kept.Select(finalizer => JsonValue.Create(finalizer))]);
            },
            "finalize");
    }

    private static void Report(JsonObject content, IReadOnlyList<StoredObject> remaining, DateTimeOffset now)
    {
        var status = content.Ensure("status");
        status["phase"] = "Terminating";
        ConditionList.Set(
            status,
            Done("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
            now);
        ConditionList.Set(
            status,
            Done(
                "NamespaceDeletionGroupVersionParsingFailure",
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed"),
            now);
        ConditionList.Set(
            status,
            Done(
                "NamespaceDeletionContentFailure",
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization"),
            now);
        var counts = remaining.CountBy(one => one.Resource.ToString())
            .OrderBy(count => count.Key, StringComparer.Ordinal)
                .Select(
                    count => string.Create(
                        CultureInfo.InvariantCulture, $"{count.Key} has {count.Value} resource instances"));
        ConditionList.Set(
            status,
            ConditionList.Make(
                "NamespaceContentRemaining",
                true,
                "SomeResourcesRemain",
                $"Some resources are remaining: {string.Join(", ", counts)}"),
            now);
        ConditionList.Set(status, Finalizers(remaining), now);
    }

    private static JsonObject Finalizers(IReadOnlyList<StoredObject> remaining)
    {
        var counts = remaining.SelectMany(one => one.Content.Map("metadata").Texts("finalizers"))
            .CountBy(finalizer => finalizer)
                .OrderBy(count => count.Key, StringComparer.Ordinal)
                .Select(
                    count => string.Create(
                        CultureInfo.InvariantCulture, $"{count.Key} in {count.Value} resource instances"))
                .ToList();
        return counts.Count == 0
            ? Done(
                "NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished")
            : ConditionList.Make(
                "NamespaceFinalizersRemaining",
                true,
                "SomeFinalizersRemain",
                $"Some content in the namespace has finalizers remaining: {string.Join(", ", counts)}");
    }

    private static JsonObject Done(string type, string reason, string message) =>
        ConditionList.Make(type, false, reason, message);
}
