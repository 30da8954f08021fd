using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dynospace.Runtime;

namespace Dynospace.Router.Metrics;

/// <summary>Metrics of routes, certificates, logs and connections.</summary>
public static class EdgeMetrics
{
    private static readonly Meter Meter = new("Dynospace.Router.Edge");

    /// <summary>Solved problems stay with the value zero, which shows that they are over.</summary>
    private static readonly ConcurrentDictionary<(ObjectKey Secret, string Problem), int> Problems = [];

    private static readonly Counter<long> RefusedHeaders =
        Meter.CreateCounter<long>(
            "proxy.refused.total",
            description: "Connections of proxies that were closed because their PROXY header was missing or invalid.");

    private static readonly Counter<long> DroppedLines = Meter.CreateCounter<long>(
        "log.dropped.total",
        description: "Lines of a log that were dropped because its reader was too slow.");

    private static readonly Counter<long> Snapshots =
        Meter.CreateCounter<long>(
            "snapshots.total", description: "Changes of routes that were put in force.");

    /// <summary>An observable instrument: a problem may last longer than an exporter remembers a change.</summary>
    static EdgeMetrics() => Meter.CreateObservableUpDownCounter(
        "certificate.problems",
        () => Problems.Select(entry => new Measurement<int>(
            entry.Value,
            new KeyValuePair<string, object?>("namespace", entry.Key.Secret.Namespace),
            new KeyValuePair<string, object?>("secret", entry.Key.Secret.Name),
            new KeyValuePair<string, object?>("reason", entry.Key.Problem))),
        description: "Secrets whose certificate is not served, by reason.");

    public static void CertificateProblem(ObjectKey secret, string problem, int change) =>
        Problems.AddOrUpdate((secret, problem), change, (_, count) => count + change);

    public static void LinesDropped(string log, int lines) =>
        DroppedLines.Add(lines, new KeyValuePair<string, object?>("log", log));

    public static void ProxyHeaderRefused() => RefusedHeaders.Add(1);

    public static void SnapshotPublished() => Snapshots.Add(1);
}
