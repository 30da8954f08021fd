using System.Globalization;
using System.Net;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Reachability.Addresses;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>Facts about the target cluster that manifests do not contain.</summary>
public sealed record ClusterAssumptions
{
    /// <summary>Where kubeadm and most guides put pods; both are private, so that no policy depends on them.</summary>
    private static readonly string[] UsualPodRanges = ["10.244.0.0/16", "fd00:10:244::/56"];

    public IReadOnlyList<string> PodRanges { get; init; } = [];

    public IReadOnlyList<string> ServiceRanges { get; init; } = [];

    public IReadOnlyList<string> DnsAddresses { get; init; } = [];

    /// <summary>
    /// What is known of the cluster: the options, and the nodes and the DNS Service among the manifests.
    /// </summary>
    public ClusterFacts Facts(PlatformInput input, PlatformOptions options)
    {
        var nodes = input.Others.OfType<V1Node>().ToList();
        var dns = ClusterDns.Find(
            ClusterDns.NamespacesFor(options.Dns).SelectMany(input.OthersIn<V1Service>).Select(DnsServiceOf),
            options.Dns);
        return new ClusterFacts
        {
            NodeAddresses = Sorted(nodes.SelectMany(Addresses)),
            PodRanges = Sorted(PodRanges.Concat(nodes.SelectMany(RangesOf))),
            ServiceRanges = Sorted(ServiceRanges),
            DnsServiceAddresses = Sorted(DnsAddresses.Concat(dns.Addresses)),
            DnsServers = dns.Servers,
        };
    }

    /// <summary>Where pods without an address will get theirs.</summary>
    public static CidrSet PodRangesFor(ClusterFacts facts) =>
        CidrSet.FromRanges((facts.PodRanges.Count > 0 ? facts.PodRanges : UsualPodRanges).Select(Range));

    private static AddressRange Range(string text) => AddressRange.TryParseMasked(text, out var range, out var problem)
        ? range
        : throw new CliException($"pod range '{text}' {problem}");

    private static IEnumerable<string> RangesOf(V1Node node) =>
        node.Spec?.PodCIDRs ?? (node.Spec?.PodCIDR is { } one ? [one] : []);

    private static IEnumerable<string> Addresses(V1Node node) =>
        (node.Status?.Addresses ?? []).Where(address => address.Type is "InternalIP" or "ExternalIP")
            .Select(address => address.Address);

    private static IEnumerable<string> Addresses(V1Service service) =>
        (service.Spec?.ClusterIPs
            ?? (service.Spec?.ClusterIP is { } one ? [one] : [])).Where(address => IPAddress.TryParse(address, out _));

    private static DnsService DnsServiceOf(V1Service service) => new(
        service.Metadata.NamespaceProperty,
        service.Metadata.Name,
        (service.Spec?.Selector ?? new Dictionary<string, string>()).ToDictionary(),
        [.. Addresses(service)],
        [
            .. (service.Spec?.Ports ?? []).Where(port => port.Port == 53)
                .Select(
                    port =>
                        int.TryParse(
                            port.TargetPort?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                                ? number
                                : 0)
                .Where(number => number > 0),
        ]);

    private static IReadOnlyList<string> Sorted(IEnumerable<string> values) =>
        [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
