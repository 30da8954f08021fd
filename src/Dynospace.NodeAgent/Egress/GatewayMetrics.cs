using System.Diagnostics.Metrics;
using System.Net;

namespace Dynospace.NodeAgent.Egress;

/// <summary>The metrics of the egress gateway.</summary>
internal static class GatewayMetrics
{
    private static readonly Meter Meter = new("Dynospace.NodeAgent");
    private static readonly Counter<long> Dropped = Meter.CreateCounter<long>("egress.dropped.packets");

    private static readonly Counter<long> Fast = Meter.CreateCounter<long>("egress.fast.packets");

    private static volatile IReadOnlyDictionary<IPAddress, int> _ports = new Dictionary<IPAddress, int>();
    private static volatile int _held;
    private static volatile int _silent;
    private static volatile bool _isFenced;
    private static volatile int _occupied;

    /// <summary>Gauges are observable, because the exporter ignores gauges that are set.</summary>
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

    /// <summary>Counter: how often a change by another program was reverted.</summary>
    public static Counter<long> Restored { get; } = Meter.CreateCounter<long>("egress.restored");

    /// <summary>The number of fixed IPs that this node has.</summary>
    public static void SetHeld(int count) => _held = count;

    /// <summary>The number of nodes that this one should hear but does not.</summary>
    public static void SetSilent(int count) => _silent = count;

    /// <summary>Whether this node has given up its fixed IPs because it does not hear a majority.</summary>
    public static void SetFenced(bool isFenced) => _isFenced = isFenced;

    /// <summary>The number of this node's fixed IPs that another machine uses.</summary>
    public static void SetOccupied(int count) => _occupied = count;

    /// <summary>By fixed IP, the number of source ports in use by connections of this node.</summary>
    public static void SetPorts(IReadOnlyDictionary<IPAddress, int> ports) => _ports = ports;

    /// <summary>Counts packets that this node forwarded on the fast path.</summary>
    /// <param name="direction"><c>out</c> from dynos, <c>in</c> to dynos.</param>
    public static void AddFast(string direction, long packets) =>
        Fast.Add(packets, new KeyValuePair<string, object?>("direction", direction));

    /// <summary>Counts packets that the table dropped.</summary>
    public static void AddDropped(string reason, long packets) =>
        Dropped.Add(packets, new KeyValuePair<string, object?>("reason", reason));
}
