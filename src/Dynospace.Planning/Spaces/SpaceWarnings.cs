using System.Globalization;
using Dynospace.Api;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;

namespace Dynospace.Planning.Spaces;

/// <summary>Warnings that depend on the cluster, not only on the space's spec.</summary>
internal static class SpaceWarnings
{
    /// <summary>The maximum number of objects of a kind that a message names.</summary>
    private const int Shown = 5;

    public static IEnumerable<Problem> Find(ObservedSpace observed, PlatformOptions options) =>
    [
        .. MissingRegion(observed, options),
        .. UnmatchedSelectors(observed),
        .. UnusableAddresses(observed),
        .. UnknownRanges(observed),
        .. MissingDns(observed, options),
        .. ClosedRouters(observed, options),
        .. UnknownApiServer(observed),
    ];

    private static IEnumerable<Problem> UnusableAddresses(ObservedSpace observed)
    {
        if (observed.Cluster.Unusable is { Count: > 0 } unusable)
        {
            yield return new(
                Reasons.ClusterAddressUnusable,
                "These have no address that a policy can deny, so dynos may reach them if they lie in the internet: "
                + $"{Listed(unusable)}. Correct them, or name their networks in the operator's option clusterRanges.");
        }
    }

    /// <summary>
    /// Warns of learnt ranges that are public: they are denied only since their first address was seen. Private ones
    /// are always denied.
    /// </summary>
    private static IEnumerable<Problem> UnknownRanges(ObservedSpace observed)
    {
        var learnt = observed.Cluster.LearntRanges.Where(range => !AddressCover.IsPrivate(range)).ToList();
        if (learnt.Count > 0)
        {
            yield return new(
                Reasons.ClusterRangesUnknown,
                $"Pods or Services have addresses in {Listed(learnt)}, which no node or ServiceCIDR states. These "
                + "networks are denied since they were seen; name the cluster's networks in the operator's option "
                + "clusterRanges.");
        }
    }

    private static IEnumerable<Problem> MissingDns(ObservedSpace observed, PlatformOptions options)
    {
        if (observed.Cluster is { IsDnsMissing: true, IsSimulated: false })
        {
            yield return new(
                Reasons.DnsNotFound,
                $"The cluster's DNS was not found in namespace {options.Dns.Namespace} or another well-known place, so "
                + "dynos may be unable to resolve names: set the operator's option dnsNamespace, and dnsPodLabels and "
                + "dnsPorts where they differ.");
        }
    }

    private static IEnumerable<Problem> UnknownApiServer(ObservedSpace observed)
    {
        if (observed.Cluster is { IsApiServerUnknown: true, IsSimulated: false })
        {
            yield return new(
                Reasons.ClusterRangesUnknown,
                "No EndpointSlice of Service default/kubernetes names the addresses of the API server, so dynos may "
                + "reach it if they lie in the internet: name them in the operator's option clusterRanges.");
        }
    }

    private static IEnumerable<Problem> ClosedRouters(ObservedSpace observed, PlatformOptions options) =>
        DynoAccess.ProblemOf(observed.Cluster, options) is { } problem ? [problem] : [];

    private static string Listed(IReadOnlyCollection<string> items) =>
        items.Count <= Shown
            ? string.Join(", ", items)
            : string.Create(
                CultureInfo.InvariantCulture, $"{string.Join(", ", items.Take(Shown))} and {items.Count - Shown} more");

    private static IEnumerable<Problem> MissingRegion(ObservedSpace observed, PlatformOptions options)
    {
        var region = observed.Space.Spec.Region;
        var value = options.Regions.ValueOf(region);
        if (options.Regions.IsRequired && observed.Cluster.Regions is { } regions && !regions.Contains(value))
        {
            yield return new(
                Reasons.RegionNotFound,
                $"spec.region {region}: no node has the label {options.Regions.Label}={value}, so no dyno can be "
                + "placed: label the nodes, or map the region to the label's value in the operator's options.");
        }
    }

    private static IEnumerable<Problem> UnmatchedSelectors(ObservedSpace observed)
    {
        foreach (var service in observed.Space.Spec.DataServices ?? [])
        {
            if (service.PodSelector is not null
                && observed.DataServicePods.TryGetValue(service.Name, out var count)
                && count == 0)
            {
                yield return new(
                    Reasons.SelectorMatchesNothing,
                    $"spec.dataServices[{service.Name}].podSelector matches no pod of namespace "
                    + $"{service.Namespace ?? observed.Space.Metadata.Name}: "
                    + "correct the labels, or start the service.");
            }
        }
    }
}
