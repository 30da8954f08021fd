using System.Diagnostics.Metrics;
using Dynospace.Router.Tls;
using Dynospace.Runtime;

namespace Dynospace.Router.Metrics;

/// <summary>What can be counted of routes, certificates and connections.</summary>
internal static class EdgeMetrics
{
    private static readonly Meter Meter = new("Dynospace.Router.Edge");

    private static readonly UpDownCounter<int> Problems =
        Meter.CreateUpDownCounter<int>("dynospace.router.certificate.problems", description: "Secrets whose certificate is not served, by reason.");

    private static readonly Counter<long> RefusedHeaders =
        Meter.CreateCounter<long>("dynospace.router.proxy.refused", description: "Connections of proxies that ended for want of a sound PROXY header.");

    private static readonly Counter<long> Snapshots =
        Meter.CreateCounter<long>("dynospace.router.snapshots", description: "Changes of routes that were put in force.");

    public static void CertificateProblem(ObjectKey secret, TlsSecretProblem problem, int change) => Problems.Add(
        change,
        new KeyValuePair<string, object?>("namespace", secret.Namespace),
        new KeyValuePair<string, object?>("secret", secret.Name),
        new KeyValuePair<string, object?>("reason", problem.ToString()));

    public static void ProxyHeaderRefused() => RefusedHeaders.Add(1);

    public static void SnapshotPublished() => Snapshots.Add(1);
}
