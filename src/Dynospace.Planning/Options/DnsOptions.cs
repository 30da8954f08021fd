using Dynospace.Api.Spaces;
using Dynospace.Planning.Hosts;

namespace Dynospace.Planning.Options;

/// <summary>The cluster's DNS, which dynos may query.</summary>
public sealed record DnsOptions
{
    /// <summary>The namespace of the DNS pods. Default <c>kube-system</c>.</summary>
    public string Namespace { get; init; } = "kube-system";

    /// <summary>The labels of the DNS pods. Default <c>k8s-app: kube-dns</c>.</summary>
    public IReadOnlyDictionary<string, string> PodLabels { get; init; } =
        new Dictionary<string, string> { ["k8s-app"] = "kube-dns" };

    /// <summary>
    /// The ports on which DNS pods and their Service listen. Default 53; OpenShift's pods listen on 5353.
    /// </summary>
    public IReadOnlyList<int> Ports { get; init; } = [53];

    /// <summary>
    /// The addresses of a node-local DNS cache, at most one of each family; empty for none. Default 169.254.20.10, on
    /// which NodeLocal DNSCache listens.
    /// </summary>
    public IReadOnlyList<string> NodeLocalAddresses { get; init; } = ["169.254.20.10"];

    /// <summary>
    /// The image of CoreDNS for the DNS of each Private and Shield space; null for none, so that their dynos use the
    /// cluster's DNS. Default none.
    /// </summary>
    public string? SpaceImage { get; init; }

    /// <summary>The domain of the cluster's own names. Default <c>cluster.local</c>.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>Whether a space has its own DNS, which resolves the names of its dynos.</summary>
    public bool ServesNames(SpaceRuntime runtime) => SpaceImage is not null && runtime != SpaceRuntime.Common;

    internal IEnumerable<string> Validate()
    {
        if (!HostName.IsValid(ClusterDomain))
        {
            yield return $"clusterDomain \"{ClusterDomain}\" is not a valid domain: use a lower-case one such as "
                + "cluster.local.";
        }

        foreach (var mistake in Ports.SelectMany(port => OptionChecks.Port("dnsPorts", port))
            .Concat(NodeLocalAddresses.SelectMany(address => OptionChecks.Address("nodeLocalDnsAddress", address)))
            .Concat(OptionChecks.NotEmpty("dnsNamespace", Namespace)))
        {
            yield return mistake;
        }

        if (PodLabels.Count == 0)
        {
            yield return $"dnsPodLabels is empty and would select every pod of {Namespace}: give the labels of the DNS "
                + "pods.";
        }
    }
}
