using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Releases;

namespace Dynospace.Planning.Dynos;

/// <summary>All that a dyno's pod is made of, apart from its name.</summary>
internal sealed record PodTemplate(Dyno Dyno, App App, SpaceFacts Space, ReleaseRecord Release)
{
    /// <summary>The dyno's number, as in <c>web.1</c>.</summary>
    public int Number { get; init; } = Dyno.Spec.Index;

    /// <summary>A formation runs the release's command. Only one-offs of users have their own.</summary>
    public IReadOnlyList<string> Command => Dyno.Spec.ProcessType switch
    {
        ProcessTypes.Run => [.. Dyno.Spec.Command ?? []],
        ProcessTypes.Release => Release.ReleaseCommand,
        var type => Release.Commands.GetValueOrDefault(type) ?? [],
    };

    /// <summary>The path of its readiness check; null for none.</summary>
    public string? HealthCheckPath => Release.HealthCheckPaths.GetValueOrDefault(Dyno.Spec.ProcessType);

    public bool IsWeb => Dyno.Spec.ProcessType == ProcessTypes.Web;

    /// <summary>Whether the dyno is the only one of its process type, so that the type is down without it.</summary>
    public bool IsAlone => !OneOff.Is(Dyno)
        && Formation.FromSpec(App).FirstOrDefault(process => process.Type == Dyno.Spec.ProcessType)?.Quantity == 1;

    /// <summary>
    /// The fixed IPs of the pod's egress traffic. The App chooses those of its formation, so that a change is rolled
    /// out; a one-off takes those that the space has when it starts. Empty for the cluster's own addresses.
    /// </summary>
    public IReadOnlyList<string> OutboundIPs =>
        Space.FixedIPs is not { } fixedIPs ? []
        : Dyno.Spec.OutboundIPs is { Count: > 0 } own ? [.. own]
        : fixedIPs.For(Dyno.Spec.App, Dyno.Spec.ProcessType, Number);

    public string Routing => ChildLabels.RoutingOf(Dyno.Spec.ProcessType, App.Spec.InternalRouting, Space.Runtime);

    /// <summary>
    /// Whether a pod with this hash differs only in that it was created before the space had its own DNS. Such a pod
    /// stays and keeps using the cluster's DNS. A pod that uses another address of the space's DNS is replaced.
    /// </summary>
    public bool IsFromBeforeDns(string? hash, PlatformOptions options) =>
        Space.DnsAddresses.Length > 0 && hash == HashWith("", options);

    /// <summary>
    /// Changes when a running dyno must be replaced: another release, size or port, or a requested restart. It does not
    /// cover what a newer version of the operator does differently, so an upgrade restarts no dyno; pods change with
    /// their next replacement.
    /// </summary>
    public string Hash(PlatformOptions options) => HashWith(Space.DnsAddresses, options);

    private string HashWith(string dns, PlatformOptions options)
    {
        var hash = new StableHash().Add(Release.Number)
            .Add(Release.Hash)
            .Add(Dyno.Spec.Size)
            .Add(IsWeb ? options.Dynos.Port : 0)
            .Add(Routing);

        // Added only if set, so that an upgrade changes no hash.
        hash = Dyno.Spec.Restart is { } restart ? hash.Add(restart) : hash;
        hash = Dyno.Spec.OutboundIPs is { Count: > 0 } addresses ? hash.Add("outbound").Add(addresses) : hash;
        return (dns.Length > 0 ? hash.Add("dns").Add(dns) : hash).ToHex();
    }
}

/// <summary>
/// Names of dynos' pods: <c>&lt;app&gt;-&lt;type&gt;-&lt;n&gt;-&lt;suffix&gt;</c>, those of runs by
/// <see cref="RunPodName"/>. The suffix is derived from the pods that it replaces, so that planning again with an
/// outdated cache gives the same name, and the API server refuses a second pod as a duplicate.
/// </summary>
internal static class PodName
{
    private const int MaxLength = 63;
    private const int LongestSuffix = 10;

    public static string Choose(
        PodTemplate template, string templateHash, IEnumerable<PodFacts> gone, IReadOnlyCollection<string> taken)
    {
        var spec = template.Dyno.Spec;
        var stem = spec.ProcessType == ProcessTypes.Run
            ? RunPodName.Stem(spec.App, template.Number, RunRecorder.Records(template.Dyno, template.Space))
            : string.Create(CultureInfo.InvariantCulture, $"{spec.App}-{spec.ProcessType}-{template.Number}-");
        var uids = gone.Select(pod => pod.Uid).Order(StringComparer.Ordinal).ToArray();
        for (var attempt = 0; ; attempt++)
        {
            var hash = new StableHash().Add(template.Dyno.Metadata.Uid).Add(templateHash).Add(uids).Add(attempt);
            var name = stem + hash.ToNameSuffix(Math.Min(LongestSuffix, MaxLength - stem.Length));
            if (!taken.Contains(name))
            {
                return name;
            }
        }
    }
}
