using Dynospace.Api;
using Dynospace.Planning.Components;
using Dynospace.Planning.Options;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>
/// Builds the accounts of routers and their rights, which are read-only except for reviews. A right to list one object
/// by name applies to requests that select it by <c>metadata.name</c>.
/// </summary>
internal static class RouterRights
{
    private static readonly string[] Reading = ["get", "list", "watch"];

    /// <summary>The account, with rights to Spaces and to the default certificate.</summary>
    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> OfRouter(RouterIdentity router, PlatformOptions options)
    {
        yield return ComponentParts.Account(router.Metadata(options));
        // Common spaces are created and deleted, so the shared router may list all Spaces, and a Role in each Common
        // space gives access to its content.
        foreach (var part in ComponentParts.Rights(
            () => Metadata(router, router.ClusterName, null),
            [
                Rule(DynospaceGroup.Name, ["spaces"], router.Space is { } space ? [space] : null),
                .. RouterLines.Reviews(),
            ],
            ComponentParts.Subject(router.Name, options)))
        {
            yield return part;
        }

        foreach (var part in RouterLines.RightsOf(router, options))
        {
            yield return part;
        }

        if (router is { Space: not null, Listener: RouterListener.Public })
        {
            var callers = CallerBook.NameOf(router);
            var rules = new[]
            {
                Rule("", ["configmaps"], [ClusterBook.Name, callers]),
                // The operator's sign of life, without which the router ignores books of callers.
                Rule("coordination.k8s.io", ["leases"], [DynospaceGroup.LeaseName]),
            };
            foreach (var part in RoleWith(router, callers, options.Cluster.SystemNamespace, rules, options))
            {
                yield return part;
            }
        }

        if (options.Router.DefaultCertificate?.Split('/') is [var ns, var secret])
        {
            foreach (var part in RoleWith(
                router, $"{router.Name}-certificate", ns, [Rule("", ["secrets"], [secret])], options))
            {
                yield return part;
            }
        }
    }

    /// <summary>
    /// The rights in a space's namespace: to apps, dynos and their endpoints, and to the Secrets of the apps'
    /// certificates.
    /// </summary>
    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> InSpace(
        RouterIdentity router, string space, IReadOnlyList<string> tlsSecrets, PlatformOptions options)
    {
        List<V1PolicyRule> rules =
        [
            Rule(DynospaceGroup.Name, ["apps", "dynos"]),
            Rule("discovery.k8s.io", ["endpointslices"]),
        ];
        if (tlsSecrets.Count > 0)
        {
            rules.Add(Rule("", ["secrets"], tlsSecrets));
        }

        return RoleWith(router, router.Component, space, rules, options, space);
    }

    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> RoleWith(
        RouterIdentity router,
        string name,
        string ns,
        IList<V1PolicyRule> rules,
        PlatformOptions options,
        string? space = null) => ComponentParts.Rights(
            () => Metadata(router, name, ns, space), rules, ComponentParts.Subject(router.Name, options));

    private static V1PolicyRule Rule(string group, IList<string> resources, IReadOnlyList<string>? names = null) =>
        new() { ApiGroups = [group], Resources = resources, ResourceNames = names?.ToList(), Verbs = Reading };

    /// <param name="space">The space of the object, since the shared router has parts in every Common space.</param>
    private static V1ObjectMeta Metadata(RouterIdentity router, string name, string? ns, string? space = null)
    {
        var labels = router.ObjectLabels();
        if (space is not null)
        {
            labels[Labels.Space] = space;
            labels[Labels.PartOf] = space;
        }

        return new() { Name = name, NamespaceProperty = ns, Labels = labels };
    }
}
