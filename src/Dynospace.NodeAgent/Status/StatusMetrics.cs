using System.Diagnostics.Metrics;
using Dynospace.Api.Nodes;

namespace Dynospace.NodeAgent.Status;

/// <summary>The node's status as metrics.</summary>
internal static class StatusMetrics
{
    private static readonly Meter Meter = new("Dynospace.NodeAgent");

    private static volatile IReadOnlyList<PartReport> _reports = [];
    private static volatile NodeKernel? _kernel;
    private static volatile string _node = "";

    /// <summary>Gauges are observable, because the exporter ignores gauges that are set.</summary>
    static StatusMetrics()
    {
        Meter.CreateObservableGauge("ready", () => _reports.Select(report => new Measurement<int>(
            report.IsReady ? 1 : 0,
            new KeyValuePair<string, object?>("node", _node),
            new KeyValuePair<string, object?>("part", report.Part))));
        Meter.CreateObservableGauge("connections.percent", () => _kernel?.ConnectionsPercent is { } percent
            ? [new Measurement<int>(percent)]
            : Array.Empty<Measurement<int>>());
    }

    /// <summary>Sets the current reports and the last kernel measurement.</summary>
    public static void Set(string node, IReadOnlyList<PartReport> reports, NodeKernel? kernel) =>
        (_node, _reports, _kernel) = (node, reports, kernel);
}
