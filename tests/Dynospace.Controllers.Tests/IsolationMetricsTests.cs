using System.Diagnostics.Metrics;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Xunit;

namespace Dynospace.Controllers.Tests;

public sealed class IsolationMetricsTests
{
    private static readonly DateTime Tried = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("True", 1)]
    [InlineData("False", 0)]
    [InlineData("Unknown", -1)]
    [InlineData(null, -1)]
    public void Each_space_says_whether_its_network_enforces(string? status, int expected) =>
        Assert.Equal([("acme", expected)], Read(IsolationMetrics.Verified, Space("acme", status, null)));

    [Fact]
    public void The_last_trials_time_is_measured_where_there_was_one() => Assert.Equal(
        [("acme", 1772366400.0)],
        Read(IsolationMetrics.LastTrial, Space("acme", "True", new() { TriedAt = Tried }), Space("rival", null, null)));

    private static List<(string Space, double Value)> Read(string instrument, params Space[] spaces)
    {
        using var metrics = new IsolationMetrics(new Store(spaces), () => 2);
        using var listener = new MeterListener();
        var read = new List<(string, double)>();
        listener.InstrumentPublished = (published, self) =>
        {
            if (published.Meter.Name == IsolationMetrics.MeterName && published.Name == instrument)
            {
                self.EnableMeasurementEvents(published);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => read.Add(((string)tags[0].Value!, value)));
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => read.Add(((string)tags[0].Value!, value)));
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }

    private static Space Space(string name, string? status, IsolationTrial? trial) => new()
    {
        Metadata = new() { Name = name },
        Status = new()
        {
            Isolation = trial,
            Conditions = status is null ? null : [new() { Type = ConditionTypes.IsolationVerified, Status = status }],
        },
    };

    private sealed class Store(Space[] spaces) : IStore<Space>
    {
        public bool HasSynced => true;

        public int Count => spaces.Length;

        public Space? Get(ObjectKey key) => throw new NotSupportedException();

        public IReadOnlyCollection<Space> List() => spaces;

        public IReadOnlyCollection<Space> ByIndex(string indexName, string indexKey) =>
            throw new NotSupportedException();
    }
}
