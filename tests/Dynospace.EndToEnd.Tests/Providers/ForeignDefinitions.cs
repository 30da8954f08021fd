using System.Text.Json.Nodes;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Gateways;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Providers;

/// <summary>
/// The kinds of gateways and of cert-manager, on which nobody acts: as they are published where a real API server is
/// given those, else stand-ins that take whatever is written.
/// </summary>
internal static class ForeignDefinitions
{
    public static ResourceKind Of(ProviderKind kind) =>
        new(kind.Group, kind.Version, kind.Plural, kind.Kind, kind.IsNamespaced);

    /// <summary>
    /// Installs a kind that the cluster does not bring along, waits until it is served, and follows it.
    /// </summary>
    public static async Task InstallAsync(Platform platform, ProviderKind kind, CancellationToken cancellationToken)
    {
        if (kind != ProviderKinds.Ingress)
        {
            var published = platform.Traits.IsSimulated ? null : PublishedDefinitions.Find(NameOf(kind));
            (await platform.Api.ApplyAsync(Kinds.Definition, published ?? StandIn(kind), cancellationToken)).Require();
        }

        await platform.View.FollowAsync(Of(kind), cancellationToken);
    }

    public static async Task RemoveAsync(Platform platform, ProviderKind kind, CancellationToken cancellationToken) =>
        (await platform.Api.DeleteAsync(
            Kinds.Definition, ObjectKey.ClusterScoped(NameOf(kind)), cancellationToken)).Require();

    private static string NameOf(ProviderKind kind) => $"{kind.Plural}.{kind.Group}";

    private static JsonObject StandIn(ProviderKind kind) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject
        {
            ["name"] = NameOf(kind),
            ["annotations"] = new JsonObject { ["api-approved.kubernetes.io"] = "unapproved, a stand-in of tests" },
        },
        ["spec"] = new JsonObject
        {
            ["group"] = kind.Group,
            ["scope"] = kind.IsNamespaced ? "Namespaced" : "Cluster",
            ["names"] = new JsonObject
            {
                ["plural"] = kind.Plural,
                ["singular"] = kind.Kind.ToLowerInvariant(),
                ["kind"] = kind.Kind,
                ["listKind"] = $"{kind.Kind}List",
            },
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = kind.Version,
                ["served"] = true,
                ["storage"] = true,
                ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
                ["schema"] = new JsonObject
                {
                    ["openAPIV3Schema"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["x-kubernetes-preserve-unknown-fields"] = true,
                    },
                },
            }),
        },
    };
}
