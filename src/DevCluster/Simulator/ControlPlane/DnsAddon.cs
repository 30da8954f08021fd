using System.Text.Json.Nodes;

namespace DevCluster.Simulator.ControlPlane;

/// <summary>
/// The objects of the cluster's DNS, for policies and probes that refer to it. It does not answer queries.
/// </summary>
internal static class DnsAddon
{
    public const string Address = "10.96.0.10";

    public static JsonObject Service() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = Metadata("kube-dns"),
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = Address,
            ["selector"] = Labels(),
            ["ports"] = new JsonArray(Port("dns", 53, "UDP"), Port("dns-tcp", 53, "TCP"), Port("metrics", 9153, "TCP")),
        },
    };

    public static JsonObject Deployment() => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = "Deployment",
        ["metadata"] = Metadata("coredns"),
        ["spec"] = new JsonObject
        {
            ["replicas"] = 1,
            ["selector"] = new JsonObject { ["matchLabels"] = Labels() },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = Labels() },
                ["spec"] = PodSpec(),
            },
        },
    };

    private static JsonObject PodSpec() => new()
    {
        ["serviceAccountName"] = "coredns",
        ["automountServiceAccountToken"] = false,
        ["priorityClassName"] = "system-cluster-critical",
        ["dnsPolicy"] = "Default",
        ["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "coredns",
            ["image"] = "registry.k8s.io/coredns/coredns:v1.12.0",
            ["ports"] = new JsonArray(
                ContainerPort("dns", 53, "UDP"),
                ContainerPort("dns-tcp", 53, "TCP"),
                ContainerPort("metrics", 9153, "TCP")),
        }),
    };

    private static JsonObject Metadata(string name)
    {
        var labels = Labels();
        labels["kubernetes.io/name"] = "CoreDNS";
        return new JsonObject { ["name"] = name, ["namespace"] = "kube-system", ["labels"] = labels };
    }

    private static JsonObject Labels() => new() { ["k8s-app"] = "kube-dns" };

    private static JsonObject Port(string name, int port, string protocol) =>
        new() { ["name"] = name, ["port"] = port, ["protocol"] = protocol, ["targetPort"] = port };

    private static JsonObject ContainerPort(string name, int port, string protocol) =>
        new() { ["name"] = name, ["containerPort"] = port, ["protocol"] = protocol };
}
