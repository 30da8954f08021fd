using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>Builds the objects that tests speak of.</summary>
internal static class Objects
{
    public static ResourceKind ConfigMaps { get; } = new("", "v1", "configmaps", "ConfigMap", true);

    public static ResourceKind Namespaces { get; } = new("", "v1", "namespaces", "Namespace", false);

    public static ResourceKind Tenants { get; } = new("example.dev", "v1", "tenants", "Tenant", true);

    public static JsonObject ConfigMap(string name, string version, string value = "", string @namespace = "ns") =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = @namespace,
                ["resourceVersion"] = version,
                ["uid"] = $"uid-{name}",
            },
            ["data"] = new JsonObject { ["value"] = value },
        };

    public static JsonObject Bookmark(string version) =>
        new()
        {
            ["kind"] =
            "ConfigMap",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = version }
        };

    public static string List(string version, IEnumerable<JsonObject> items, string? next = null)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version };
        if (next is not null)
        {
            metadata["continue"] = next;
        }

        return new JsonObject
        {
            ["kind"] = "ConfigMapList",
            ["apiVersion"] = "v1",
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. items.Select(i => i.DeepClone())]),
        }.ToJsonString();
    }

    public static string List(string version, params JsonObject[] items) => List(version, items, null);

    public static string Status(int code, string reason, string message, string? cause = null) =>
        JsonSerializer.Serialize(new
        {
            kind = "Status",
            apiVersion = "v1",
            status = "Failure",
            message,
            reason,
            code,
            details = new { causes = cause is null ? [] : new[] { new { reason = cause } } },
        });
}
