using System.Diagnostics.Metrics;
using System.Net;

namespace Dynospace.NodeAgent.Egress;

/// <summary>The metrics of the egress gateway.</summary>
internal static class GatewayMetrics
{
    private static readonly Meter Meter = new("Dynospace.NodeAgent");
    private static readonly Counter<long> Dropped = Meter.CreateCounter<long>("egress.dropped.packets");

    private static volatile IReadOnlyDictionary<IPAddress, int> _ports = new Dictionary<IPAddress, int>();
    private static volatile int _held;
    private static volatile int _silent;
    private static volatile bool _isFenced;
    private static volatile int _occupied;

    /// <summary>Observed: the exporter passes over gauges that are set.</summary>
    static GatewayMetrics()
    {
        Meter.CreateObservableGauge("egress.held", () => _held);
        Meter.CreateObservableGauge("egress.peers.silent", () => _silent);
        Meter.CreateObservableGauge("egress.fenced", () => _isFenced ? 1 : 0);
        Meter.CreateObservableGauge("egress.occupied", () => _occupied);
        Meter.CreateObservableGauge("egress.ports.used", () => _ports.Select(item => new Measurement<int>(
            item.Value, new KeyValuePair<string, object?>("address", item.Key.ToString()))));
    }

    /// <summary>Counter: how often this node became the gateway of a fixed IP.</summary>
    public static Counter<long> Moves { get; } = Meter.CreateCounter<long>("egress.moves");

    /// <summary>Counter: how often another program's change was undone.</summary>
    public static Counter<long> Restored { get; } = Meter.CreateCounter<long>("egress.restored");

    /// <summary>How many fixed IPs this node has.</summary>
    public static void SetHeld(int count) => _held = count;

    /// <summary>The number of nodes that this one should hear and does not.</summary>
    public static void SetSilent(int count) => _silent = count;

    /// <summary>Whether this node has given up its fixed IPs, since it hears no majority.</summary>
    public static void SetFenced(bool isFenced) => _isFenced = isFenced;

    /// <summary>How many fixed IPs of this node another machine has.</summary>
    public static void SetOccupied(int count) => _occupied = count;

    /// <summary>Of each fixed IP, the source ports that connections of this node use.</summary>
    public static void SetPorts(IReadOnlyDictionary<IPAddress, int> ports) => _ports = ports;

    /// <summary>Counts packets that the table dropped.</summary>
    public static void AddDropped(string reason, long packets) =>
        Dropped.Add(packets, new KeyValuePair<string, object?>("reason", reason));
}
