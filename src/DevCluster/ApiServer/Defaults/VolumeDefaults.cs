using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>The volumes of pods.</summary>
internal static class VolumeDefaults
{
    private const int FileMode = 420;
    private static readonly string[] WithFileMode = ["secret", "configMap", "downwardAPI", "projected"];

    public static void Volume(JsonObject volume)
    {
        if (volume.All(field => field.Key == "name" || field.Value is null))
        {
            volume["emptyDir"] = new JsonObject();
        }

        foreach (var source in WithFileMode.Select(name => volume.Map(name)))
        {
            source?.Default("defaultMode", FileMode);
        }

        volume.Map("hostPath")?.Default("type", "");
        FieldReferences(volume.Map("downwardAPI"));
        foreach (var source in volume.Items("projected", "sources"))
        {
            source.Map("serviceAccountToken")?.Default("expirationSeconds", 3600);
            FieldReferences(source.Map("downwardAPI"));
        }

        Ephemeral(volume.Map("ephemeral", "volumeClaimTemplate", "spec"));
    }

    private static void FieldReferences(JsonObject? downwardApi)
    {
        foreach (var item in downwardApi.Items("items"))
        {
            item.Map("fieldRef")?.Default("apiVersion", "v1");
        }
    }

    private static void Ephemeral(JsonObject? claim) => claim?.Default("volumeMode", "Filesystem");
}
