namespace Dynospace.Planning.Options;

/// <summary>The regions and the nodes that belong to them.</summary>
public sealed record RegionOptions
{
    /// <summary>The node label that holds a node's region. Default <c>topology.kubernetes.io/region</c>.</summary>
    public string Label { get; init; } = "topology.kubernetes.io/region";

    /// <summary>
    /// The label's value for each region of the platform. For a region without an entry the value is its name. Default:
    /// none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whether dynos run only on nodes with their region's label. Default true; false for a cluster of one region whose
    /// nodes have no such label.
    /// </summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>The node label's value for a region.</summary>
    public string ValueOf(string region) => Values.TryGetValue(region, out var value) ? value : region;

    /// <summary>The node selector of a region; null for all nodes.</summary>
    internal IDictionary<string, string>? NodesOf(string region) =>
        IsRequired ? new Dictionary<string, string>(1) { [Label] = ValueOf(region) } : null;

    internal IEnumerable<string> Validate() => OptionChecks.NotEmpty("regionLabel", Label);
}
