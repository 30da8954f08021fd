using System.Diagnostics.Metrics;
using Dynospace.NodeAgent.Policies;

namespace Dynospace.NodeAgent.Enforcement;

/// <summary>The metrics of the meter <c>Dynospace.NodeAgent</c>; exporters prefix its name to theirs.</summary>
internal static class AgentMetrics
{
    private static readonly Meter Meter = new("Dynospace.NodeAgent");
    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>("policies.update.duration", "s");
    private static readonly Counter<long> Dropped = Meter.CreateCounter<long>("policies.dropped.packets");

    private static volatile int _rules;
    private static volatile int _sets;
    private static volatile int _elements;
    private static volatile int _misunderstood;

    /// <summary>Gauges are observable, because the exporter ignores gauges that are set.</summary>
    static AgentMetrics()
    {
        Meter.CreateObservableGauge("policies.rules", () => _rules);
        Meter.CreateObservableGauge("policies.sets", () => _sets);
        Meter.CreateObservableGauge("policies.elements", () => _elements);
        Meter.CreateObservableGauge("policies.misunderstood", () => _misunderstood);
    }

    /// <summary>Counter: how often a change by another program was reverted.</summary>
    public static Counter<long> Restored { get; } = Meter.CreateCounter<long>("policies.restored");

    /// <summary>Counter: connections ended because a policy became narrower.</summary>
    public static Counter<long> Cut { get; } = Meter.CreateCounter<long>("policies.connections.cut");

    /// <summary>Counts a transaction.</summary>
    /// <param name="kind">Difference or replacement.</param>
    /// <param name="duration">The time that nftables took.</param>
    /// <param name="rules">The resulting ruleset.</param>
    public static void Updated(string kind, TimeSpan duration, Ruleset rules)
    {
        Seconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
        (_rules, _sets, _elements) = (rules.RuleCount, rules.Sets.Count, rules.ElementCount);
    }

    /// <summary>The number of policies and pods that cannot be interpreted.</summary>
    public static void SetMisunderstood(int count) => _misunderstood = count;

    /// <summary>Counts packets that the table dropped.</summary>
    public static void AddDropped(string reason, long packets) =>
        Dropped.Add(packets, new KeyValuePair<string, object?>("reason", reason));
}
