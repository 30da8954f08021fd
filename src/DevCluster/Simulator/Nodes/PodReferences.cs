using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Nodes;

/// <summary>Finds missing Secrets and ConfigMaps that a pod requires, with the kubelet's messages.</summary>
internal sealed class PodReferences(ControlPlaneContext cluster)
{
    /// <summary>The first volume that cannot be mounted; null if all can.</summary>
    public string? VolumeProblem(StoredObject pod)
    {
        foreach (var volume in pod.Content.Map("spec").Items("volumes"))
        {
            var problem = Source(pod, KnownResources.Secrets, volume.Map("secret"), "secretName")
                ?? Source(pod, KnownResources.ConfigMaps, volume.Map("configMap"), "name")
                ?? volume.Items("projected", "sources").Select(source =>
                    Source(pod, KnownResources.Secrets, source.Map("secret"), "name")
                    ?? Source(pod, KnownResources.ConfigMaps, source.Map("configMap"), "name"))
                        .FirstOrDefault(found => found is not null);
            if (problem is not null)
            {
                return $"MountVolume.SetUp failed for volume \"{volume.Text("name")}\" : {problem}";
            }
        }

        return null;
    }

    /// <summary>The first environment variable of a container that cannot be resolved; null if all can.</summary>
    public string? EnvironmentProblem(StoredObject pod, JsonObject container)
    {
        foreach (var source in container.Items("envFrom"))
        {
            if ((Source(pod, KnownResources.ConfigMaps, source.Map("configMapRef"), "name")
                ?? Source(pod, KnownResources.Secrets, source.Map("secretRef"), "name")) is { } problem)
            {
                return problem;
            }
        }

        foreach (var from in container.Items("env").Select(variable => variable.Map("valueFrom")))
        {
            if ((Key(pod, KnownResources.ConfigMaps, from.Map("configMapKeyRef"))
                ?? Key(pod, KnownResources.Secrets, from.Map("secretKeyRef"))) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private string? Source(StoredObject pod, ResourceId resource, JsonObject? source, string field)
    {
        if (source?.Text(field) is not { Length: > 0 } name
            || source.Flag("optional") == true
            || IsImplied(resource, name))
        {
            return null;
        }

        if (Find(pod, resource, name) is not { } found)
        {
            return Missing(resource, name);
        }

        var absent = source.Items("items")
            .Select(item => item.Text("key"))
            .FirstOrDefault(key => key is not null && !HasKey(found, key));
        return absent is null ? null : $"references non-existent {Singular(resource)} key: {absent}";
    }

    private string? Key(StoredObject pod, ResourceId resource, JsonObject? reference)
    {
        if (reference?.Text("name") is not { Length: > 0 } name || reference.Flag("optional") == true)
        {
            return null;
        }

        if (Find(pod, resource, name) is not { } found)
        {
            return Missing(resource, name);
        }

        var kind = resource == KnownResources.Secrets ? "Secret" : "ConfigMap";
        var key = reference.Text("key") ?? "";
        return HasKey(found, key) ? null : $"couldn't find key {key} in {kind} {pod.Namespace}/{name}";
    }

    // Without a CA the ConfigMap does not exist, and every pod with a token would wait for it forever.
    private bool IsImplied(ResourceId resource, string name) =>
        cluster.Options.CertificateAuthority is null
        && resource == KnownResources.ConfigMaps
        && name == NamespaceContents.RootCertificates;

    private StoredObject? Find(StoredObject pod, ResourceId resource, string name) =>
        cluster.View.Get(resource, new ObjectKey(pod.Namespace ?? "", name));

    private static bool HasKey(StoredObject found, string key) =>
        found.Content.Map("data")?.ContainsKey(key) == true
        || found.Content.Map("binaryData")?.ContainsKey(key) == true;

    private static string Singular(ResourceId resource) => resource == KnownResources.Secrets ? "secret" : "configmap";

    private static string Missing(ResourceId resource, string name) => $"{Singular(resource)} \"{name}\" not found";
}
