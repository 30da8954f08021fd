using Dynospace.Api;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Spaces;

/// <summary>What a space's own spec cannot show to be wrong.</summary>
internal static class SpaceWarnings
{
    public static IEnumerable<Problem> Of(ObservedSpace observed, PlatformOptions options) =>
        [.. MissingRegion(observed, options), .. UnmatchedSelectors(observed)];

    private static IEnumerable<Problem> MissingRegion(ObservedSpace observed, PlatformOptions options)
    {
        var region = observed.Space.Spec.Region;
        var value = options.Regions.ValueOf(region);
        if (options.Regions.IsRequired && observed.Cluster.Regions is { } regions && !regions.Contains(value))
        {
            yield return new(
                Reasons.RegionNotFound,
                $"spec.region {region}: no node has the label {options.Regions.Label}={value}, so no dyno can be placed: "
                + "label the nodes, or map the region to the label's value in the operator's options.");
        }
    }

    private static IEnumerable<Problem> UnmatchedSelectors(ObservedSpace observed)
    {
        foreach (var service in observed.Space.Spec.DataServices ?? [])
        {
            if (service.PodSelector is not null && observed.DataServicePods.TryGetValue(service.Name, out var count) && count == 0)
            {
                yield return new(
                    Reasons.SelectorMatchesNothing,
                    $"spec.dataServices[{service.Name}].podSelector matches no pod of namespace {service.Namespace ?? observed.Space.Metadata.Name}: "
                    + "correct the labels, or start the service.");
            }
        }
    }
}
