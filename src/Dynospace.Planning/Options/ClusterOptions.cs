namespace Dynospace.Planning.Options;

/// <summary>The cluster and the operator's place in it.</summary>
public sealed record ClusterOptions
{
    /// <summary>
    /// The namespace of the operator and of all routers, where tenants may create nothing. Default
    /// <c>dynospace-system</c>.
    /// </summary>
    public string SystemNamespace { get; init; } = "dynospace-system";

    /// <summary>Ranges that belong to the cluster besides those that the operator discovers. Default: none.</summary>
    public IReadOnlyList<string> Ranges { get; init; } = [];

    /// <summary>
    /// How long until a plan with a permanent problem is made again, in case its cause went unseen. Default five
    /// minutes.
    /// </summary>
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long something that may pass by itself (a Secret, a Space, an image, a quota that is not there yet) leaves
    /// an object Reconciling before it is Stalled. Default four minutes, below the five that Helm waits.
    /// </summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromMinutes(4);

    internal IEnumerable<string> Validate() =>
    [
        .. OptionChecks.NotEmpty("systemNamespace", SystemNamespace),
        .. OptionChecks.Ranges("clusterRanges", Ranges),
        .. OptionChecks.AtLeastOneSecond("recheckInterval", RecheckInterval),
        .. OptionChecks.AtLeastOneSecond("stallAfter", StallAfter),
    ];
}
