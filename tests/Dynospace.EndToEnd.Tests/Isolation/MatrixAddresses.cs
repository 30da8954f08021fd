namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// Where the columns of the matrix that are not our pods are: the addresses that the matrix was made with, or those
/// that <see cref="Places"/> gives.
/// </summary>
internal static class MatrixAddresses
{
    public const string PeerNetwork = "peer network";
    public const string DataServiceByAddress = "data service by address";
    public const string ApiServer = "API server";
    public const string DnsService = "DNS Service";
    public const string AnotherNode = "another node";
    public const string AnotherNodesPublicAddress = "another node's public address";
    public const string OwnNode = "the dyno's own node";
    public const string RoutersNode = "the router's own node";
    public const string DnsPod = "DNS pod";
    public const string ApiServerByService = "API server by Service";
    public const string ApiServerByEndpoint = "API server by endpoint";
    public const string KubeletOfAnotherNode = "kubelet of another node";

    /// <summary>What the cluster has by itself, or has not.</summary>
    private static readonly string[] OfCluster =
    [
        ApiServer,
        DnsService,
        DnsPod,
        AnotherNode,
        AnotherNodesPublicAddress,
        OwnNode,
        RoutersNode,
        ApiServerByService,
        ApiServerByEndpoint,
        KubeletOfAnotherNode,
    ];

    private static readonly Dictionary<string, string> Known = new()
    {
        ["IPv4"] = "203.0.113.99",
        ["internet"] = "203.0.113.99",
        ["internet, elsewhere"] = "192.0.2.9",
        ["internet, IPv6"] = "2606:4700::1111",
        ["IPv6"] = "2606:4700::1111",
        ["through NAT64"] = "64:ff9b::cb00:7163",
        ["private network"] = "192.168.1.1",
        ["private network, IPv6"] = "fd12::1",
        ["private network through NAT64"] = "64:ff9b::c0a8:101",
        ["egress gate"] = "169.254.77.77",
        ["node-local DNS"] = "169.254.20.10",
        ["metadata"] = "169.254.169.254",
        ["metadata, IPv6"] = "fd00:ec2::254",
        ["metadata through NAT64"] = "64:ff9b::a9fe:a9fe",
        [PeerNetwork] = "10.40.0.7",
        ["network beside the peer"] = "10.41.0.7",
        [DataServiceByAddress] = "10.60.0.4",
    };

    /// <summary>Whether a row or column that no pod of ours stands in for is one that we know.</summary>
    public static bool Knows(string name) => Known.ContainsKey(name) || OfCluster.Contains(name);

    public static string? Find(string name) =>
        Places.Given.FirstOrDefault(place => place.Name == name)?.Address ?? Known.GetValueOrDefault(name);
}
