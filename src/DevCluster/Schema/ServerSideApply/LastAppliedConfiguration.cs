using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// The annotation of client-side apply. An object that was managed with it can move to server-side apply: what it
/// records is no conflict, and <c>kubectl apply --server-side</c> keeps it current so that the way back stays open.
/// </summary>
internal static class LastAppliedConfiguration
{
    /// <summary>The one manager for which upstream does this.</summary>
    public const string Manager = "kubectl";

    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    private static readonly JsonSerializerOptions AsGoWrites = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The fields that the annotation records and that are still as it says.</summary>
    public static FieldSet? UnchangedFields(JsonObject live, TypeSchema schema)
    {
        if (Read(live) is not { } recorded || (string?)recorded["apiVersion"] != (string?)live["apiVersion"])
        {
            return null;
        }

        var difference = ObjectComparer.Compare(recorded, live, schema);
        return AppliedFields.Of(recorded, schema).Fields
            .Except(difference.Modified).Except(difference.Added).Except(difference.Removed);
    }

    /// <summary>Brings an existing annotation up to date.</summary>
    public static void Refresh(JsonObject obj, JsonObject configuration)
    {
        if (obj["metadata"]?["annotations"] is not JsonObject annotations
            || string.IsNullOrEmpty((string?)annotations[Annotation]))
        {
            return;
        }

        var recorded = Sorted(configuration)!.AsObject();
        (recorded["metadata"]?["annotations"] as JsonObject)?.Remove(Annotation);
        annotations[Annotation] = recorded.ToJsonString(AsGoWrites) + "\n";
    }

    private static JsonObject? Read(JsonObject live)
    {
        if ((string?)live["metadata"]?["annotations"]?[Annotation] is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // It records nothing, regardless of who wrote it.
            return null;
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map =>
            new JsonObject(
                map.OrderBy(p => p.Key, StringComparer.Ordinal)
                    .Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
