using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tests.Storage;

/// <summary>A registry over the built-in kinds without admission plugins.</summary>
internal static class TestRegistry
{
    public static readonly ResourceId ConfigMaps = new("", "configmaps");

    public static readonly WriteOptions Options = new("test");

    public static ResourceRegistry Create(params IAdmissionPlugin[] plugins) =>
        new(new ResourceCatalog(BuiltInResources.All), plugins, TimeProvider.System);

    public static JsonObject ConfigMap(string name, string? value = null)
    {
        var content = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "n" } };
        if (value is not null)
        {
            content["data"] = new JsonObject { ["k"] = value };
        }

        return content;
    }
}
