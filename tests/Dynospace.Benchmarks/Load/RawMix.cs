using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Benchmarks.Load;

/// <summary>
/// Writes like those that the operator made of a formation: as many of each verb and kind, of objects like its own.
/// Applies beyond the first of each object are of its status.
/// </summary>
internal sealed class RawMix(IReadOnlyDictionary<ResourceKind, JsonObject> examples)
{
    private static readonly string[] Composed = ["Dyno", "App"];

    /// <summary>An object of each kind out of a space that the operator has filled.</summary>
    public static async Task<RawMix> LearnAsync(Cluster cluster, string space, CancellationToken cancellationToken)
    {
        var examples = new Dictionary<ResourceKind, JsonObject>();
        foreach (var kind in Cluster.Written)
        {
            using var page =
                await cluster.Transport.ListAsync(
                    kind, new ListQuery { Namespace = space, Limit = 50 }, cancellationToken);
            examples[kind] = JsonNode.Parse(page.Items.Last(IsOfOperator).GetRawText())!.AsObject();
        }

        return new RawMix(examples);
    }

    /// <summary>Whether it is not one of the events that controllers of Kubernetes write.</summary>
    private static bool IsOfOperator(JsonElement item) =>
        !item.TryGetProperty("reportingComponent", out var component)
        || component.GetString()?.Contains("dynospace", StringComparison.Ordinal) == true;

    /// <summary>The writes in two waves: a status is written to what is there.</summary>
    public (IReadOnlyList<RawWrite> First, IReadOnlyList<RawWrite> Statuses) Writes(
        string ns, IReadOnlyDictionary<string, int> mix, int apps)
    {
        var (first, statuses) = (new List<RawWrite>(), new List<RawWrite>());
        foreach (var (kind, example) in examples)
        {
            var created = mix.GetValueOrDefault($"create {kind.Kind}") + (kind == Cluster.Apps ? apps : 0);
            var applied = mix.GetValueOrDefault($"apply {kind.Kind}");
            var objects = kind == Cluster.Dynos ? mix["create Pod"] : created > 0 ? created : applied;
            var verb = created > 0 ? RawVerb.Create : RawVerb.Apply;
            first.AddRange(
                Enumerable.Range(0, objects)
                    .Select(i => new RawWrite(verb, kind, ns, Whole(kind, example, ns, i, apps))));
            if (Composed.Contains(kind.Kind))
            {
                statuses.AddRange(Enumerable.Range(0, created + applied - objects).Select(i => new RawWrite(
                    RawVerb.ApplyStatus, kind, ns, Status(kind, example, ns, i % objects, i))));
            }
        }

        var seeded = new Random(1);
        var shuffled = first.ToArray();
        seeded.Shuffle(shuffled);
        return (shuffled, statuses);
    }

    private static JsonObject Whole(ResourceKind kind, JsonObject example, string ns, int number, int apps)
    {
        var content = example.DeepClone().AsObject();
        var metadata = new JsonObject
        {
            ["name"] = NameOf(kind, number),
            ["namespace"] = ns,
            ["labels"] = example["metadata"]!["labels"]?.DeepClone(),
            ["annotations"] = example["metadata"]!["annotations"]?.DeepClone(),
        };
        (content["apiVersion"], content["kind"], content["metadata"]) = (kind.ApiVersion, kind.Kind, metadata);
        content.Remove("status");
        if (content["spec"] is JsonObject spec)
        {
            // What the server or a node decided.
            string[] decided = (string?)spec["clusterIP"] == "None"
                ? []
                : ["nodeName", "clusterIP", "clusterIPs", "serviceAccount"];
            Array.ForEach(decided, name => spec.Remove(name));
        }

        BelongTo(content, $"raw-{number % apps}");

        if (kind == Cluster.Dynos)
        {
            (content["spec"]!["app"], content["spec"]!["index"]) = ("raw", number + 1);
        }

        if (kind == Cluster.Events)
        {
            content["involvedObject"]!["namespace"] = ns;
        }

        return content;
    }

    /// <summary>
    /// Pods start, and Services find theirs among as many as the operator's do: what follows a write is the same too.
    /// </summary>
    private static void BelongTo(JsonObject content, string app)
    {
        foreach (var labels in new[]
        {
            content["metadata"]!["labels"],
            content["spec"]?["selector"],
        }.OfType<JsonObject>())
        {
            if (labels.ContainsKey(Labels.App))
            {
                labels[Labels.App] = app;
            }
        }
    }

    private static JsonObject Status(ResourceKind kind, JsonObject example, string ns, int number, int turn)
    {
        var status = example["status"]!.DeepClone().AsObject();
        status["observedGeneration"] = turn;
        return new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["kind"] = kind.Kind,
            ["metadata"] = new JsonObject { ["name"] = NameOf(kind, number), ["namespace"] = ns },
            ["status"] = status,
        };
    }

    private static string NameOf(ResourceKind kind, int number) =>
        kind == Cluster.Dynos ? $"raw.web.{number + 1}" : $"raw-{number}";
}
