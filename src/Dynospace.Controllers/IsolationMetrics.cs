using System.Diagnostics.Metrics;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Runtime.Caching;
using k8s.Models;

namespace Dynospace.Controllers;

/// <summary>
/// The meter <c>Dynospace</c>: what each Space's status says of its isolation, read on each scrape, so that a Space
/// that is gone is no longer reported. Tag: <c>space</c>.
/// </summary>
internal sealed class IsolationMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Dynospace";

    /// <summary>Gauge: 1 for a network that enforces, 0 for one that does not, -1 where that is not known.</summary>
    public const string Verified = "isolation.verified";

    /// <summary>Gauge, in seconds since 1970: when the last trial ended.</summary>
    public const string LastTrial = "isolation.last_trial_timestamp_seconds";

    /// <summary>Gauge: nodes' addresses and ranges that no policy can deny, because they cannot be read.</summary>
    public const string UnusableAddresses = "cluster.unusable_addresses";

    private readonly Meter _meter = new(MeterName);
    private readonly IStore<Space> _spaces;

    /// <param name="spaces">All Spaces.</param>
    /// <param name="unusable">Counts what of the cluster cannot be denied.</param>
    internal IsolationMetrics(IStore<Space> spaces, Func<int> unusable)
    {
        _spaces = spaces;
        _meter.CreateObservableGauge(
            UnusableAddresses,
            unusable,
            description: "Addresses of the cluster that cannot be denied because they cannot be read");
        _meter.CreateObservableGauge(
            Verified,
            Verdicts,
            description: "1: the network enforces the space's policies; 0: it does not; -1: unknown");
        _meter.CreateObservableGauge(
            LastTrial, Times, description: "When the last trial of the space's isolation ended");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(Space space) => new("space", space.Metadata.Name);

    /// <summary>The value of a gauge that shows a condition.</summary>
    internal static int ValueOf(V1Condition? condition) => condition?.Status switch
    {
        ConditionStatus.True => 1,
        ConditionStatus.False => 0,
        _ => -1,
    };

    private IEnumerable<Measurement<int>> Verdicts() =>
        _spaces.List().Select(space => new Measurement<int>(
            ValueOf(Conditions.Find(space.Status?.Conditions, ConditionTypes.IsolationVerified)), Tag(space)));

    private IEnumerable<Measurement<double>> Times() => _spaces.List()
        .Where(space => space.Status?.Isolation is not null)
        .Select(
            space => new Measurement<double>(
                (space.Status!.Isolation!.TriedAt - DateTime.UnixEpoch).TotalSeconds, Tag(space)));
}
