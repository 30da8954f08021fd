// Discovery: the documents that list the resources of the API.

using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Discovery;

/// <summary>Both forms of discovery: one document for each group and version, and the aggregated document.</summary>
internal static class DiscoveryDocuments
{
    private static readonly string[] StoredVerbs =
    [
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch",
    ];
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];
    private static readonly string[] VirtualVerbs = ["create"];

    public static JsonObject CoreVersions(string serverAddress) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(
            new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = serverAddress }),
    };

    public static JsonObject Groups(CatalogSnapshot catalog) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. catalog.Groups.Where(group => group.Name.Length > 0).Select(Versions)]),
    };

    public static JsonObject? Group(CatalogSnapshot catalog, string name)
    {
        if (catalog.Groups.FirstOrDefault(group => group.Name == name && name.Length > 0) is not { } group)
        {
            return null;
        }

        var document = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (key, value) in Versions(group).ToList())
        {
            document[key] = value?.DeepClone();
        }

        return document;
    }

    public static JsonObject? Resources(CatalogSnapshot catalog, string group, string version)
    {
        var found =
            catalog.Groups.FirstOrDefault(
                item => item.Name == group)?.Versions.FirstOrDefault(item => item.Version == version);
        return found is null ? null : new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = GroupVersion(group, version),
            ["resources"] = new JsonArray([.. found.Resources.SelectMany(Plain)]),
        };
    }

    /// <summary>The aggregated form of <c>/api</c> (core) or <c>/apis</c> (all others).</summary>
    public static JsonObject Aggregated(CatalogSnapshot catalog, bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray(
        [
            .. catalog.Groups.Where(group => (group.Name.Length == 0) == core).Select(group => new JsonObject
            {
                ["metadata"] = group.Name.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = group.Name },
                ["versions"] = new JsonArray([.. group.Versions.Select(AggregatedVersion)]),
            }),
        ]),
    };

    private static JsonObject AggregatedVersion(ApiGroupVersion version) => new()
    {
        ["version"] = version.Version,
        ["resources"] = new JsonArray([.. version.Resources.Select(AggregatedResource)]),
        ["freshness"] = "Current",
    };

    private static JsonObject AggregatedResource(ResourceDefinition definition)
    {
        var resource = new JsonObject
        {
            ["resource"] = definition.Id.Plural,
            ["responseKind"] = ResponseKind(definition.Id.Group, definition.Version, definition.Kind),
            ["scope"] = definition.IsNamespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = definition.Singular,
            ["verbs"] = Texts(Verbs(definition)),
        };
        AddNames(resource, definition);
        var subresources = Subresources(definition).Select(sub =>
        {
            var (group, version) = ApiVersions.Split(sub.ApiVersion ?? definition.ApiVersion);
            return new JsonObject
            {
                ["subresource"] = sub.Name,
                ["responseKind"] = ResponseKind(group, version, sub.Kind),
                ["verbs"] = Texts(sub.Verbs),
            };
        }).ToArray<JsonNode?>();
        if (subresources.Length > 0)
        {
            resource["subresources"] = new JsonArray(subresources);
        }

        return resource;
    }

    private static IEnumerable<JsonObject> Plain(ResourceDefinition definition)
    {
        var resource = new JsonObject
        {
            ["name"] = definition.Id.Plural,
            ["singularName"] = definition.Singular,
            ["namespaced"] = definition.IsNamespaced,
            ["kind"] = definition.Kind,
            ["verbs"] = Texts(Verbs(definition)),
        };
        AddNames(resource, definition);
        yield return resource;
        foreach (var sub in Subresources(definition))
        {
            var item = new JsonObject
            {
                ["name"] = $"{definition.Id.Plural}/{sub.Name}",
                ["singularName"] = "",
                ["namespaced"] = definition.IsNamespaced,
            };
            if (sub.ApiVersion is { } apiVersion)
            {
                (item["group"], item["version"]) = ApiVersions.Split(apiVersion);
            }

            item["kind"] = sub.Kind;
            item["verbs"] = Texts(sub.Verbs);
            yield return item;
        }
    }

    private static IEnumerable<SubresourceDefinition> Subresources(ResourceDefinition definition)
    {
        var all = definition.Subresources.ToList();
        if (definition.Scale is not null)
        {
            all.Add(new SubresourceDefinition("scale", "Scale", StatusVerbs, "autoscaling/v1"));
        }

        if (definition.HasStatus)
        {
            all.Add(new SubresourceDefinition("status", definition.Kind, StatusVerbs));
        }

        return all.OrderBy(sub => sub.Name, StringComparer.Ordinal);
    }

    private static IEnumerable<string> Verbs(ResourceDefinition definition) => definition.IsVirtual
        ? VirtualVerbs
        : StoredVerbs.Where(verb => definition.HasDeleteCollection || verb != "deletecollection");

    private static void AddNames(JsonObject resource, ResourceDefinition definition)
    {
        if (definition.ShortNames.Count > 0)
        {
            resource["shortNames"] = Texts(definition.ShortNames);
        }

        if (definition.Categories.Count > 0)
        {
            resource["categories"] = Texts(definition.Categories);
        }
    }

    private static JsonObject Versions(ApiGroup group) => new()
    {
        ["name"] = group.Name,
        ["versions"] = new JsonArray([.. group.Versions.Select(version => VersionEntry(group, version))]),
        ["preferredVersion"] = VersionEntry(group, group.Versions[0]),
    };

    private static JsonObject VersionEntry(ApiGroup group, ApiGroupVersion version) =>
        new() { ["groupVersion"] = GroupVersion(group.Name, version.Version), ["version"] = version.Version };

    private static JsonObject ResponseKind(string group, string version, string kind) =>
        new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static string GroupVersion(string group, string version) =>
        group.Length == 0 ? version : $"{group}/{version}";
}

/// <summary>
/// The response of <c>/version</c>: the Kubernetes release against which this server is tested, marked as a simulation.
/// </summary>
internal static class ServerVersion
{
    public const string GitVersion = "v1.36.2+devcluster";

    public static JsonObject Document() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "simulated by DevCluster",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-01-01T00:00:00Z",
        ["goVersion"] = "none: " + RuntimeInformation.FrameworkDescription,
        ["compiler"] = "dotnet",
        ["platform"] = RuntimeInformation.RuntimeIdentifier,
    };
}
