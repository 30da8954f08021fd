using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Moves an object between the versions that serve it. A custom resource's versions differ in apiVersion alone
/// (conversion strategy None); events exist under two names for the same fields.
/// </summary>
internal static class VersionConversion
{
    private static readonly (string Core, string Grouped)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ];

    /// <summary>Edits the given content to be of the wanted definition's version.</summary>
    public static JsonObject Convert(JsonObject content, ResourceDefinition wanted)
    {
        content["apiVersion"] = wanted.ApiVersion;
        if (wanted.StorageId is { Group: "", Plural: "events" })
        {
            foreach (var (core, grouped) in Names)
            {
                var (from, to) = wanted.Id.Group.Length == 0 ? (grouped, core) : (core, grouped);
                if (content.Remove(from, out var value))
                {
                    content[to] = value;
                }
            }
        }

        return content;
    }
}
