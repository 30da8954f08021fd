namespace Dynospace.Planning.Options;

/// <summary>The cluster and the operator's namespace in it.</summary>
public sealed record ClusterOptions
{
    /// <summary>
    /// The namespace of the operator and of all routers, in which tenants must not have rights. Default
    /// <c>dynospace-system</c>.
    /// </summary>
    public string SystemNamespace { get; init; } = "dynospace-system";

    /// <summary>Ranges of the cluster in addition to those that the operator discovers. Default: none.</summary>
    public IReadOnlyList<string> Ranges { get; init; } = [];

    /// <summary>
    /// How often a plan with a permanent problem is repeated, in case a change of its cause was missed. Default five
    /// minutes.
    /// </summary>
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a problem that may resolve itself (a missing Secret, Space, image or quota) leaves an object
    /// Reconciling before it is Stalled. Default four minutes, below the five that Helm waits.
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
