using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Dns;

/// <summary>
/// The configuration of a space's CoreDNS. A query is answered by the block with the longest matching zone:
/// <list type="bullet">
/// <item><c>app.localspace</c>: dynos, from the EndpointSlices of the operator's headless Services in this
/// space;</item>
/// <item>names of Services in the own namespace and in those of the space's data services: the cluster's DNS;</item>
/// <item>all other names of the cluster, and names of addresses: none;</item>
/// <item>everything else: the cluster's DNS, which knows the world outside.</item>
/// </list>
/// </summary>
internal static class Corefile
{
    /// <summary>
    /// Seconds that a client may cache an answer. With the delay of the watch, a change is visible within ten.
    /// </summary>
    private const int SecondsToLive = 5;

    private const string Label = "([a-z0-9-]+)";
    private const string InZone = @"\.app\.localspace\.$";
    private const string OneDyno = $@"^([0-9]+)\.{Label}\.{Label}{InZone}";
    private const string OneFormation = $@"^{Label}\.{Label}{InZone}";

    public static string Build(Space space, PlatformOptions options)
    {
        var (ns, domain) = (space.Metadata.Name, options.Dns.ClusterDomain);
        var own = new[] { ns }.Concat(DataNamespaces(space)).Distinct(StringComparer.Ordinal)
            .Select(name => $"{name}.svc.{domain}");
        return $$"""
            {{Zones([DnsNames.Zone])}} {
                errors
                # What is not rewritten is not a name of this zone.
                rewrite stop name regex {{OneDyno}} {2}-{1}.{3}--{2}.{{ns}}.svc.{{domain}}. answer auto
                rewrite stop name regex {{OneFormation}} {2}--{1}.{{ns}}.svc.{{domain}}. answer auto
                template ANY ANY {{DnsNames.Zone}} {
                    rcode NXDOMAIN
                }
                kubernetes {{domain}} {
                    namespaces {{ns}}
                    labels {{Labels.ManagedBy}}={{Labels.ManagedByValue}},{{Labels.Space}}={{ns}},{{Labels.ProcessType}}
                    ttl {{SecondsToLive}}
                }
                loadbalance
            }
            {{Zones(own)}} {
                errors
                forward . /etc/resolv.conf
                cache {{SecondsToLive}}
            }
            {{Zones([domain, "clusterset.local", "localspace", "in-addr.arpa", "ip6.arpa"])}} {
                errors
                template ANY ANY {
                    rcode NXDOMAIN
                }
            }
            {{Zones(["."])}} {
                errors
                health :{{SpaceDnsPorts.Health}} {
                    lameduck 5s
                }
                ready :{{SpaceDnsPorts.Ready}}
                forward . /etc/resolv.conf
                cache 30
            }

            """;
    }

    private static string Zones(IEnumerable<string> zones) =>
        string.Join(' ', zones.Select(zone => $"{zone}:{SpaceDnsPorts.Dns}"));

    private static IEnumerable<string> DataNamespaces(Space space) =>
        (space.Spec.DataServices ?? []).Where(service => service.PodSelector is not null)
            .Select(service => service.Namespace)
            .OfType<string>()
            .Order(StringComparer.Ordinal);
}
