using System.Text;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Nodes;

/// <summary>
/// The environment and files of a container that really runs, with the Secrets and ConfigMaps they refer to, which are
/// already known to exist.
/// </summary>
internal sealed class PodMaterials(ControlPlaneContext cluster)
{
    private const string ApiServerHost = "KUBERNETES_SERVICE_HOST";
    private const string ApiServerPort = "KUBERNETES_SERVICE_PORT";

    public IReadOnlyDictionary<string, string> Environment(StoredObject pod, PodRun run, JsonObject container)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var api = Find(KnownResources.Services, "default", "kubernetes");
        if (api?.Content.Text("spec", "clusterIP") is { } address)
        {
            variables[ApiServerHost] = address;
            variables[ApiServerPort] = "443";
        }

        foreach (var source in container.Items("envFrom"))
        {
            var prefix = source.Text("prefix") ?? "";
            foreach (var (name, value) in DataOf(pod, source, "configMapRef", "secretRef"))
            {
                variables[prefix + name] = Encoding.UTF8.GetString(value);
            }
        }

        foreach (var variable in container.Items("env"))
        {
            if (variable.Text("name") is { } name && Value(pod, run, variable) is { } value)
            {
                variables[name] = PodWords.Expand(value, variables);
            }
        }

        return variables;
    }

    public IReadOnlyList<MountedFolder> Folders(StoredObject pod, PodRun run, JsonObject container)
    {
        var volumes = pod.Content.Map("spec").Items("volumes").ToDictionary(volume => volume.Text("name") ?? "");
        return
        [
            .. container.Items("volumeMounts")
                .Where(mount => volumes.ContainsKey(mount.Text("name") ?? ""))
                .Select(mount => new MountedFolder(
                    mount.Text("name")!,
                    mount.Text("mountPath") ?? "/",
                    Files(pod, run, volumes[mount.Text("name")!]))
                {
                    IsReadOnly = mount.Flag("readOnly") == true,
                }),
        ];
    }

    private Dictionary<string, byte[]>? Files(StoredObject pod, PodRun run, JsonObject volume)
    {
        if (volume.Map("projected") is { } projected)
        {
            return projected.Items("sources").SelectMany(source => Projected(pod, run, source))
                .DistinctBy(file => file.Key)
                .ToDictionary();
        }

        if (volume.Map("secret") is { } secret)
        {
            return Selected(secret, Data(KnownResources.Secrets, pod.Namespace, secret.Text("secretName")));
        }

        if (volume.Map("configMap") is { } map)
        {
            return Selected(map, Data(KnownResources.ConfigMaps, pod.Namespace, map.Text("name")));
        }

        return volume.Map("downwardAPI") is { } downward ? Downward(pod, run, downward) : null;
    }

    private Dictionary<string, byte[]> Projected(StoredObject pod, PodRun run, JsonObject source)
    {
        if (source.Map("serviceAccountToken") is { } token)
        {
            var account = Find(
                KnownResources.ServiceAccounts, pod.Namespace, pod.Content.Text("spec", "serviceAccountName") ?? "");
            var issued = account is null ? null : cluster.Options.IssueToken?.Invoke(account, pod);
            return issued is null
                ? []
                : new() { [token.Text("path") ?? "token"] = Encoding.UTF8.GetBytes(issued) };
        }

        if (source.Map("configMap") is { } map)
        {
            return Selected(map, Data(KnownResources.ConfigMaps, pod.Namespace, map.Text("name")));
        }

        if (source.Map("secret") is { } secret)
        {
            return Selected(secret, Data(KnownResources.Secrets, pod.Namespace, secret.Text("name")));
        }

        return source.Map("downwardAPI") is { } downward ? Downward(pod, run, downward) : [];
    }

    private Dictionary<string, byte[]> Downward(StoredObject pod, PodRun run, JsonObject downward) =>
        downward.Items("items")
            .Select(item => (
                Path: item.Text("path") ?? "", Value: Field(pod, run, item.Text("fieldRef", "fieldPath") ?? "")))
            .Where(item => item.Value is not null)
            .ToDictionary(item => item.Path, item => Encoding.UTF8.GetBytes(item.Value!));

    private static Dictionary<string, byte[]> Selected(JsonObject source, Dictionary<string, byte[]> data) =>
        source.Items("items") is { Count: > 0 } items
            ? items.Where(item => data.ContainsKey(item.Text("key") ?? ""))
                .ToDictionary(item => item.Text("path") ?? "", item => data[item.Text("key")!])
            : data;

    private string? Value(StoredObject pod, PodRun run, JsonObject variable)
    {
        if (variable.Map("valueFrom") is not { } from)
        {
            return variable.Text("value") ?? "";
        }

        if (from.Text("fieldRef", "fieldPath") is { } path)
        {
            return Field(pod, run, path);
        }

        var (resource, reference) = from.Map("secretKeyRef") is { } secret
            ? (KnownResources.Secrets, secret)
            : (KnownResources.ConfigMaps, from.Map("configMapKeyRef"));
        return Data(resource, pod.Namespace, reference.Text("name")).TryGetValue(
            reference.Text("key") ?? "", out var value) ? Encoding.UTF8.GetString(value) : null;
    }

    private string? Field(StoredObject pod, PodRun run, string path) => path switch
    {
        "metadata.name" => pod.Name,
        "metadata.namespace" => pod.Namespace,
        "metadata.uid" => pod.Uid,
        "spec.nodeName" => run.Node,
        "spec.serviceAccountName" => pod.Content.Text("spec", "serviceAccountName"),
        "status.podIPs" when run.OwnAddress is { } address && cluster.Options.SecondFamily is { } second =>
            $"{address},{second.PodAddress(address)}",
        "status.podIP" or "status.podIPs" => run.OwnAddress,
        _ when path.StartsWith("metadata.labels['", StringComparison.Ordinal) =>
            pod.Content.Text("metadata", "labels", path[17..^2]),
        _ when path.StartsWith("metadata.annotations['", StringComparison.Ordinal) =>
            pod.Content.Text("metadata", "annotations", path[22..^2]),
        _ => null,
    };

    private Dictionary<string, byte[]> DataOf(StoredObject pod, JsonObject source, string map, string secret) =>
        source.Map(secret) is { } reference
            ? Data(KnownResources.Secrets, pod.Namespace, reference.Text("name"))
            : Data(KnownResources.ConfigMaps, pod.Namespace, source.Text(map, "name"));

    private Dictionary<string, byte[]> Data(ResourceId resource, string? ns, string? name)
    {
        var content = name is null ? null : Find(resource, ns, name)?.Content;
        var isSecret = resource == KnownResources.Secrets;
        var data = content.Strings("data").ToDictionary(
            entry => entry.Key,
            entry => isSecret ? Convert.FromBase64String(entry.Value) : Encoding.UTF8.GetBytes(entry.Value));
        foreach (var (key, value) in content.Strings("binaryData"))
        {
            data[key] = Convert.FromBase64String(value);
        }

        return data;
    }

    private StoredObject? Find(ResourceId resource, string? ns, string name) =>
        cluster.View.Get(resource, new ObjectKey(ns ?? "", name));
}
