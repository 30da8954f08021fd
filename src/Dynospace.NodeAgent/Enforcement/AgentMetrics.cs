using System.Diagnostics.Metrics;
using Dynospace.NodeAgent.Policies;

namespace Dynospace.NodeAgent.Enforcement;

/// <summary>The metrics of the meter <c>Dynospace.NodeAgent</c>.</summary>
internal static class AgentMetrics
{
    private static readonly Meter Meter = new("Dynospace.NodeAgent");
    private static readonly Histogram<double> Seconds =
        Meter.CreateHistogram<double>("dynospace.nodeagent.policies.update.duration", "s");
    private static readonly Gauge<int> Rules = Meter.CreateGauge<int>("dynospace.nodeagent.policies.rules");
    private static readonly Gauge<int> Sets = Meter.CreateGauge<int>("dynospace.nodeagent.policies.sets");
    private static readonly Gauge<int> Elements = Meter.CreateGauge<int>("dynospace.nodeagent.policies.elements");
    private static readonly Gauge<int> Misunderstood =
        Meter.CreateGauge<int>("dynospace.nodeagent.policies.misunderstood");
    private static readonly Counter<long> Dropped =
        Meter.CreateCounter<long>("dynospace.nodeagent.policies.dropped.packets");

    /// <summary>Counter: how often another program's change was undone.</summary>
    public static Counter<long> Restored { get; } =
        Meter.CreateCounter<long>("dynospace.nodeagent.policies.restored");

    /// <summary>Counter: connections that were ended because a policy narrowed.</summary>
    public static Counter<long> Cut { get; } =
        Meter.CreateCounter<long>("dynospace.nodeagent.policies.connections.cut");

    /// <summary>Counts a transaction.</summary>
    /// <param name="kind">A difference or a replacement.</param>
    /// <param name="duration">What nftables took.</param>
    /// <param name="rules">What the table holds now.</param>
    public static void Updated(string kind, TimeSpan duration, Ruleset rules)
    {
        Seconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
        Rules.Record(rules.RuleCount);
        Sets.Record(rules.Sets.Count);
        Elements.Record(rules.ElementCount);
    }

    /// <summary>How many policies and pods cannot be understood.</summary>
    public static void SetMisunderstood(int count) => Misunderstood.Record(count);

    /// <summary>Counts packets that the table dropped.</summary>
    public static void AddDropped(string reason, long packets) =>
        Dropped.Add(packets, new KeyValuePair<string, object?>("reason", reason));
}
