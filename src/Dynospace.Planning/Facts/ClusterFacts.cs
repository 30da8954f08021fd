namespace Dynospace.Planning.Facts;

/// <summary>What was observed of the cluster. Ranges are CIDRs or single addresses of either family.</summary>
public sealed record ClusterFacts
{
    /// <summary>Nothing is known.</summary>
    public static ClusterFacts Unknown { get; } = new();

    /// <summary>The ranges of Services' addresses.</summary>
    public IReadOnlyList<string> ServiceRanges { get; init; } = [];

    /// <summary>The ranges of pods' addresses.</summary>
    public IReadOnlyList<string> PodRanges { get; init; } = [];

    /// <summary>The nodes' addresses, public ones included, and the API server's.</summary>
    public IReadOnlyList<string> NodeAddresses { get; init; } = [];

    /// <summary>The addresses of the cluster DNS Service.</summary>
    public IReadOnlyList<string> DnsServiceAddresses { get; init; } = [];

    /// <summary>The API server, as pods reach it: by Service and by endpoint, in order.</summary>
    public IReadOnlyList<ApiServerAddress> ApiServer { get; init; } = [];

    /// <summary>Values of the region label that at least one node carries; null when nobody looked.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>Changes when the kinds of nodes or the agents of the network on them do: what enforced before may not any more.</summary>
    public string NetworkRevision { get; init; } = "";

    /// <summary>Whether this is a dev cluster, which has no packets.</summary>
    public bool IsSimulated { get; init; }
}
