using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Secrets, claims and storage classes.</summary>
internal static class StorageDefaults
{
    public static void Secret(JsonObject secret)
    {
        if (secret.Map("stringData") is { } plain)
        {
            foreach (var (key, value) in plain)
            {
                secret.Ensure("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Text() ?? ""));
            }
        }

        secret.Remove("stringData");
        if (string.IsNullOrEmpty(secret.Text("type")))
        {
            secret["type"] = "Opaque";
        }
    }

    public static void Claim(JsonObject claim)
    {
        claim.Ensure("spec").Default("volumeMode", "Filesystem");
        ContainerDefaults.Resources(claim.Ensure("spec").Ensure("resources"));
        claim.Ensure("status").Default("phase", "Pending");
    }

    public static void Class(JsonObject storageClass)
    {
        storageClass.Default("reclaimPolicy", "Delete");
        storageClass.Default("volumeBindingMode", "Immediate");
    }
}
