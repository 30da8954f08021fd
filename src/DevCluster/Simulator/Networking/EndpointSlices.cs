using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Collection;

namespace DevCluster.Simulator.Networking;

/// <summary>Computes the EndpointSlices of a Service from its pods.</summary>
internal static class EndpointSlices
{
    public const string ServiceLabel = "kubernetes.io/service-name";

    private const string ManagerLabel = "endpointslice.kubernetes.io/managed-by";
    private const string Manager = "endpointslice-controller.k8s.io";
    private const int MaxEndpoints = 100;

    public static bool IsOurs(StoredObject slice) => slice.Content.Text("metadata", "labels", ManagerLabel) == Manager;

    public static List<JsonObject> Build(
        StoredObject service, IEnumerable<StoredObject> pods, Func<string, string?> zoneOf)
    {
        var slices = new List<JsonObject>();
        var groups = pods.Where(HasAddress).OrderBy(pod => pod.Name, StringComparer.Ordinal)
            .Select(pod => (Pod: pod, Ports: Ports(service, pod)))
            .GroupBy(entry => entry.Ports.ToJsonString());
        foreach (var group in groups)
        {
            var ports = group.First().Ports;
            foreach (var chunk in group.Chunk(MaxEndpoints))
            {
                slices.Add(
                    Slice(
                        service,
                        ports,
                        new JsonArray([.. chunk.Select(entry => Endpoint(service, entry.Pod, zoneOf))])));
            }
        }

        if (slices.Count == 0)
        {
            slices.Add(Slice(service, [], []));
        }

        return slices;
    }

    private static bool HasAddress(StoredObject pod) =>
        pod.Content.Text("status", "podIP") is { Length: > 0 }
        && pod.Content.Text("status", "phase") is not ("Succeeded" or "Failed");

    /// <summary>The ports of this pod: a named target port may have a different number in every pod.</summary>
    private static JsonArray Ports(StoredObject service, StoredObject pod)
    {
        var ports = new JsonArray();
        foreach (var port in service.Content.Map("spec").Items("ports"))
        {
            if (Number(port, pod) is not { } number)
            {
                continue;
            }

            var entry = new JsonObject
            {
                ["name"] = port.Text("name") ?? "",
                ["port"] = number,
                ["protocol"] = port.Text("protocol") ?? "TCP",
            };
            if (port.Text("appProtocol") is { } application)
            {
                entry["appProtocol"] = application;
            }

            ports.Add(entry);
        }

        return ports;
    }

    private static long? Number(JsonObject port, StoredObject pod)
    {
        if (port.Text("targetPort") is not { } name)
        {
            return port.Number("targetPort") ?? port.Number("port");
        }

        return pod.Content.Map("spec").Items("containers").SelectMany(container => container.Items("ports"))
            .FirstOrDefault(open => open.Text("name") == name
                && (open.Text("protocol") ?? "TCP") == (port.Text("protocol") ?? "TCP"))
            .Number("containerPort");
    }

    private static JsonObject Endpoint(StoredObject service, StoredObject pod, Func<string, string?> zoneOf)
    {
        var isTerminating = pod.Content.IsTerminating();
        var isServing = ConditionList.IsTrue(pod.Content["status"], "Ready");
        var isPublished = service.Content.Flag("spec", "publishNotReadyAddresses") == true;
        var endpoint = new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Content.Text("status", "podIP")),
            ["conditions"] = new JsonObject
            {
                ["ready"] = isPublished || (isServing && !isTerminating),
                ["serving"] = isServing,
                ["terminating"] = isTerminating,
            },
            ["targetRef"] = new JsonObject
            {
                ["kind"] = "Pod",
                ["namespace"] = pod.Namespace,
                ["name"] = pod.Name,
                ["uid"] = pod.Uid,
            },
        };
        if (pod.Content.Text("spec", "nodeName") is { } node)
        {
            endpoint["nodeName"] = node;
            if (zoneOf(node) is { } zone)
            {
                endpoint["zone"] = zone;
            }
        }

        if (pod.Content.Text("spec", "hostname") is { Length: > 0 } host
            && pod.Content.Text("spec", "subdomain") == service.Name)
        {
            endpoint["hostname"] = host;
        }

        return endpoint;
    }

    private static JsonObject Slice(StoredObject service, JsonArray ports, JsonArray endpoints)
    {
        var labels = service.Content.Map("metadata", "labels")?.DeepClone().AsObject() ?? [];
        labels[ServiceLabel] = service.Name;
        labels[ManagerLabel] = Manager;
        if (service.Content.Text("spec", "clusterIP") == "None")
        {
            labels["service.kubernetes.io/headless"] = "";
        }

        return new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["generateName"] = service.Name + "-",
                ["namespace"] = service.Namespace,
                ["labels"] = labels,
                ["ownerReferences"] = OwnerReferences.Controlled(service),
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = endpoints,
            ["ports"] = ports.DeepClone(),
        };
    }
}
