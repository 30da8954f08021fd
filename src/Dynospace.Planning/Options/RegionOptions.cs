namespace Dynospace.Planning.Options;

/// <summary>The regions and the nodes that belong to them.</summary>
public sealed record RegionOptions
{
    /// <summary>The node label that holds a node's region. Default <c>topology.kubernetes.io/region</c>.</summary>
    public string Label { get; init; } = "topology.kubernetes.io/region";

    /// <summary>
    /// The label's value for each region of the platform. A region that is missing here is its own value. Default:
    /// none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whether dynos are kept on nodes that carry their region's label. Default true; false for a cluster of one region
    /// whose nodes have no such label.
    /// </summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>The node label's value for a region.</summary>
    public string ValueOf(string region) => Values.TryGetValue(region, out var value) ? value : region;

    /// <summary>Selects the nodes of a region; null for all nodes.</summary>
    internal IDictionary<string, string>? NodesOf(string region) =>
        IsRequired ? new Dictionary<string, string>(1) { [Label] = ValueOf(region) } : null;

    internal IEnumerable<string> Validate() => OptionChecks.NotEmpty("regionLabel", Label);
}
