using System.Diagnostics.Metrics;
using Dynospace.NodeAgent.Policies;

namespace Dynospace.NodeAgent.Enforcement;

/// <summary>The metrics of the meter <c>Dynospace.NodeAgent</c>, whose name exporters put before theirs.</summary>
internal static class AgentMetrics
{
    private static readonly Meter Meter = new("Dynospace.NodeAgent");
    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>("policies.update.duration", "s");
    private static readonly Counter<long> Dropped = Meter.CreateCounter<long>("policies.dropped.packets");

    private static volatile int _rules;
    private static volatile int _sets;
    private static volatile int _elements;
    private static volatile int _misunderstood;

    /// <summary>Observed: the exporter passes over gauges that are set.</summary>
    static AgentMetrics()
    {
        Meter.CreateObservableGauge("policies.rules", () => _rules);
        Meter.CreateObservableGauge("policies.sets", () => _sets);
        Meter.CreateObservableGauge("policies.elements", () => _elements);
        Meter.CreateObservableGauge("policies.misunderstood", () => _misunderstood);
    }

    /// <summary>Counter: how often another program's change was undone.</summary>
    public static Counter<long> Restored { get; } = Meter.CreateCounter<long>("policies.restored");

    /// <summary>Counter: connections that were ended because a policy narrowed.</summary>
    public static Counter<long> Cut { get; } = Meter.CreateCounter<long>("policies.connections.cut");

    /// <summary>Counts a transaction.</summary>
    /// <param name="kind">A difference or a replacement.</param>
    /// <param name="duration">What nftables took.</param>
    /// <param name="rules">What the table holds now.</param>
    public static void Updated(string kind, TimeSpan duration, Ruleset rules)
    {
        Seconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
        (_rules, _sets, _elements) = (rules.RuleCount, rules.Sets.Count, rules.ElementCount);
    }

    /// <summary>How many policies and pods cannot be understood.</summary>
    public static void SetMisunderstood(int count) => _misunderstood = count;

    /// <summary>Counts packets that the table dropped.</summary>
    public static void AddDropped(string reason, long packets) =>
        Dropped.Add(packets, new KeyValuePair<string, object?>("reason", reason));
}
