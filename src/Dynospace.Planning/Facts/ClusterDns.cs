using Dynospace.Planning.Options;

namespace Dynospace.Planning.Facts;

/// <summary>The pods of the cluster's DNS.</summary>
/// <param name="Namespace">Their namespace.</param>
/// <param name="PodLabels">Their labels.</param>
/// <param name="Ports">The ports on which they listen.</param>
public sealed record DnsServer(
    string Namespace, IReadOnlyDictionary<string, string> PodLabels, IReadOnlyList<int> Ports);

/// <summary>A Service that may be the cluster's DNS.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Selector">The selector of its pods.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="TargetPorts">The pods' ports behind its port 53, without named ones.</param>
public sealed record DnsService(
    string Namespace,
    string Name,
    IReadOnlyDictionary<string, string> Selector,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<int> TargetPorts);

/// <summary>The cluster's DNS as found.</summary>
/// <param name="Servers">Its pods.</param>
/// <param name="Addresses">The addresses of its Services, in order.</param>
public sealed record ClusterDns(IReadOnlyList<DnsServer> Servers, IReadOnlyList<string> Addresses)
{
    /// <summary>
    /// The DNS Services of distributions that the options' defaults do not cover. OpenShift's pods listen on 5353.
    /// </summary>
    private static readonly (string Namespace, string Service, int Port)[] WellKnown =
    [
        ("kube-system", "kube-dns", 53),
        ("kube-system", "coredns", 53),
        ("openshift-dns", "dns-default", 5353),
    ];

    /// <summary>Nothing was found.</summary>
    public static ClusterDns None { get; } = new([], []);

    /// <summary>The namespaces in which the DNS may be.</summary>
    public static IReadOnlySet<string> NamespacesFor(DnsOptions options) =>
        WellKnown.Select(known => known.Namespace).Append(options.Namespace).ToHashSet(StringComparer.Ordinal);

    /// <summary>Finds the DNS among Services: first by the options, then at the well-known places.</summary>
    public static ClusterDns Find(IEnumerable<DnsService> services, DnsOptions options)
    {
        var candidates = services.Where(service => service.Selector.Count > 0).ToList();
        var found = candidates.Where(service => IsAsOptionsSay(service, options))
            .Select(service => (Service: service with { Selector = options.PodLabels }, Ports: options.Ports)).ToList();
        if (found.Count == 0)
        {
            found =
            [
                .. WellKnown.SelectMany(known => candidates
                    .Where(service => service.Namespace == known.Namespace && service.Name == known.Service)
                    .Select(service => (Service: service, Ports: (IReadOnlyList<int>)[known.Port]))),
            ];
        }

        return new(
            [
                .. found.Select(dns => ServerOf(dns.Service, dns.Ports))
                    .DistinctBy(KeyOf)
                    .OrderBy(KeyOf, StringComparer.Ordinal),
            ],
            [.. found.SelectMany(dns => dns.Service.Addresses).Distinct().Order(StringComparer.Ordinal)]);
    }

    private static DnsServer ServerOf(DnsService service, IReadOnlyList<int> ports) =>
        new(service.Namespace, service.Selector, [.. ports.Concat(service.TargetPorts).Distinct().Order()]);

    private static string KeyOf(DnsServer server)
    {
        var labels = server.PodLabels.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal);
        return $"{server.Namespace}/{string.Join(',', labels)}";
    }

    private static bool IsAsOptionsSay(DnsService service, DnsOptions options) =>
        service.Namespace == options.Namespace
        && options.PodLabels.All(label => service.Selector.TryGetValue(label.Key, out var value)
            && value == label.Value);
}
