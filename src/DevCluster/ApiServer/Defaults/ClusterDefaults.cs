using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Namespaces and events.</summary>
internal static class NamespaceDefaults
{
    public static void Namespace(JsonObject content)
    {
        // The server sets the label by which network policies select a namespace, and overwrites the client's value.
        var metadata = content.Ensure("metadata");
        if (metadata.Text("name") is { Length: > 0 } name)
        {
            metadata.Ensure("labels")["kubernetes.io/metadata.name"] = name;
        }
    }

    public static void Event(JsonObject content)
    {
        content.Ensure("source");
        content.Default("reportingComponent", "");
        content.Default("reportingInstance", "");
    }
}

/// <summary>RBAC.</summary>
internal static class AccessDefaults
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Role(JsonObject role) => role.Default("rules", new JsonArray());

    public static void Binding(JsonObject binding)
    {
        if (string.IsNullOrEmpty(binding.Text("roleRef", "apiGroup")))
        {
            binding.Ensure("roleRef")["apiGroup"] = Group;
        }

        foreach (var subject in binding.Items("subjects"))
        {
            if (string.IsNullOrEmpty(subject.Text("apiGroup")) && subject.Text("kind") is ("User" or "Group"))
            {
                subject["apiGroup"] = Group;
            }
        }
    }
}

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
