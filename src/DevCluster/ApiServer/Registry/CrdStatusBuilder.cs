using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Registry;

/// <summary>The status of a CRD that is served: names accepted, established, versions that may be stored.</summary>
internal static class CrdStatusBuilder
{
    public static JsonObject Build(JsonObject crd, string? storageVersion, DateTimeOffset now)
    {
        var status = crd["status"]?.DeepClone() as JsonObject ?? [];
        status["acceptedNames"] = crd["spec"]!["names"]!.DeepClone();
        status["storedVersions"] = StoredVersions(status["storedVersions"] as JsonArray, storageVersion);
        if (status["conditions"] is not JsonArray)
        {
            var time = ObjectMetadata.Timestamp(now);
            status["conditions"] = new JsonArray(
                Condition("NamesAccepted", "NoConflicts", "no conflicts found", time),
                Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", time));
        }

        return status;
    }

    private static JsonArray StoredVersions(JsonArray? before, string? storageVersion)
    {
        var versions = (before ?? []).Select(version => (string)version!).ToList();
        if (storageVersion is not null && !versions.Contains(storageVersion))
        {
            versions.Add(storageVersion);
        }

        return new JsonArray([.. versions.Select(version => (JsonNode)version)]);
    }

    private static JsonObject Condition(string type, string reason, string message, string time) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = time,
        ["reason"] = reason,
        ["message"] = message,
    };
}
