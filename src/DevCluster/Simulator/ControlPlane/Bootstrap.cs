using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Nodes;

namespace DevCluster.Simulator.ControlPlane;

/// <summary>The objects of a new cluster.</summary>
internal static class Bootstrap
{
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    public static void Run(ControlPlaneContext cluster)
    {
        var writer = cluster.WriterFor("kube-apiserver");
        foreach (var name in Namespaces)
        {
            Ensure(cluster, writer, KnownResources.Namespaces, Named("v1", "Namespace", null, name));
        }

        Ensure(
            cluster, writer, KnownResources.PriorityClasses, PriorityClass("system-cluster-critical", 2_000_000_000));
        Ensure(cluster, writer, KnownResources.PriorityClasses, PriorityClass("system-node-critical", 2_000_001_000));
        Ensure(cluster, writer, KnownResources.Services, ApiServerService());
        Ensure(cluster, writer, KnownResources.EndpointSlices, ApiServerEndpoints(cluster.Options));
        for (var i = 0; i < cluster.Options.Nodes; i++)
        {
            Ensure(cluster, writer, KnownResources.Nodes, SimulatedNode.Describe(cluster.Options, i));
        }

        Ensure(
            cluster, writer, KnownResources.ServiceAccounts, Named("v1", "ServiceAccount", "kube-system", "coredns"));
        Ensure(cluster, writer, KnownResources.Services, DnsAddon.Service());
        Ensure(cluster, writer, KnownResources.Deployments, DnsAddon.Deployment());
    }

    private static void Ensure(
        ControlPlaneContext cluster, ClusterWriter writer, ResourceId resource, JsonObject content)
    {
        if (cluster.Registry.Get(
            resource, content.Text("metadata", "namespace"), content.Text("metadata", "name")!) is null)
        {
            writer.Create(resource, content);
        }
    }

    private static JsonObject Named(string apiVersion, string kind, string? ns, string name)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (ns is not null)
        {
            metadata["namespace"] = ns;
        }

        return new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }

    private static JsonObject PriorityClass(string name, int value)
    {
        var content = Named("scheduling.k8s.io/v1", "PriorityClass", null, name);
        content["value"] = value;
        content["description"] = "Used for system critical pods that must not be moved from their current node.";
        return content;
    }

    private static JsonObject ApiServerService()
    {
        var service = Named("v1", "Service", "default", "kubernetes");
        service["metadata"]!["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" };
        service["spec"] = new JsonObject
        {
            ["clusterIP"] = "10.96.0.1",
            ["ports"] = new JsonArray(
                new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = 6443 }),
        };
        return service;
    }

    private static JsonObject ApiServerEndpoints(ControlPlaneOptions options)
    {
        var slice = Named("discovery.k8s.io/v1", "EndpointSlice", "default", "kubernetes");
        slice["metadata"]!["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "kubernetes" };
        slice["addressType"] = "IPv4";
        slice["endpoints"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(options.ApiServerAddress),
            ["conditions"] = new JsonObject { ["ready"] = true },
        });
        slice["ports"] = new JsonArray(
            new JsonObject { ["name"] = "https", ["port"] = options.ApiServerPort, ["protocol"] = "TCP" });
        return slice;
    }
}
