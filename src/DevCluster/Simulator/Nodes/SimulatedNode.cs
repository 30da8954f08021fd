using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Discovery;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Nodes;

/// <summary>The Node object of a simulated node, which is marked as such in several places.</summary>
internal static class SimulatedNode
{
    /// <summary>Marks nodes whose pods are simulated, including nodes that users create with this label.</summary>
    public const string Label = "devcluster.dev/simulated";

    /// <summary>The number of /16 networks in 172.16.0.0/12.</summary>
    public const int Limit = 16;

    private const string Simulated = "this node is simulated: it runs no containers";
    private const string Namespaced = "this node is a network namespace: it runs programs of its machine";

    public static bool IsSimulated(StoredObject node) => node.Content.Text("metadata", "labels", Label) == "true";

    public static bool IsReady(StoredObject node) => ConditionList.IsTrue(node.Content["status"], "Ready");

    public static string? AddressOf(StoredObject node) =>
        node.Content.Map("status")
            .Items("addresses")
            .FirstOrDefault(address => address.Text("type") == "InternalIP")
            .Text("address");

    /// <summary>The address of the node with the given block of pod addresses.</summary>
    public static string AddressOfBlock(int block) =>
        string.Create(CultureInfo.InvariantCulture, $"192.168.240.{block + 11}");

    public static JsonObject Describe(ControlPlaneOptions options, int index)
    {
        var name = options.NodeNamePrefix + (index + 1).ToString(CultureInfo.InvariantCulture);
        var architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        var labels = new JsonObject
        {
            ["kubernetes.io/hostname"] = name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = architecture,
            ["topology.kubernetes.io/region"] = options.Region,
            ["topology.kubernetes.io/zone"] = options.Zones.Count == 0
                ? options.Region
                : options.Zones[index % options.Zones.Count],
            [Label] = "true",
        };
        foreach (var (key, value) in options.NodeLabels)
        {
            labels[key] = value;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
        };
    }

    /// <summary>The status of a newly registered node.</summary>
    public static JsonObject Status(ControlPlaneOptions options, StoredObject node, int index, DateTimeOffset now)
    {
        var amounts = new JsonObject();
        foreach (var (name, amount) in options.NodeCapacity)
        {
            amounts[name] = amount;
        }

        return new JsonObject
        {
            ["capacity"] = amounts,
            ["allocatable"] = amounts.DeepClone(),
            ["conditions"] = new JsonArray(
                Condition(
                    "MemoryPressure",
                    false,
                    "KubeletHasSufficientMemory",
                    "kubelet has sufficient memory available",
                    now),
                Condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
                Condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
                Condition("Ready", true, "KubeletReady", options.Runtime is null ? Simulated : Namespaced, now)),
            ["addresses"] = new JsonArray(
            [
                new JsonObject { ["type"] = "InternalIP", ["address"] = AddressOfBlock(index) },
                .. options.SecondFamily is { } second
                    ?
                    [
                        new JsonObject
                        {
                            ["type"] = "InternalIP",
                            ["address"] = second.NodeAddress(AddressOfBlock(index)),
                        },
                    ]
                    : Array.Empty<JsonObject>(),
                new JsonObject { ["type"] = "Hostname", ["address"] = node.Name },
            ]),
            ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 10250 } },
            ["nodeInfo"] = Info(node),
        };
    }

    private static JsonObject Info(StoredObject node) => new()
    {
        ["machineID"] = node.Uid.Replace("-", "", StringComparison.Ordinal),
        ["systemUUID"] = node.Uid,
        ["bootID"] = node.Uid,
        ["kernelVersion"] = "simulated",
        ["osImage"] = "dev cluster (simulated, runs no containers)",
        ["containerRuntimeVersion"] = "simulated://1.0",
        ["kubeletVersion"] = ServerVersion.GitVersion,
        ["kubeProxyVersion"] = "",
        ["operatingSystem"] = "linux",
        ["architecture"] = node.Content.Text("metadata", "labels", "kubernetes.io/arch") ?? "amd64",
    };

    private static JsonObject Condition(string type, bool isTrue, string reason, string message, DateTimeOffset now)
    {
        var condition = ConditionList.Make(type, isTrue, reason, message);
        condition["lastHeartbeatTime"] = Timestamps.Format(now);
        condition["lastTransitionTime"] = Timestamps.Format(now);
        return condition;
    }
}
