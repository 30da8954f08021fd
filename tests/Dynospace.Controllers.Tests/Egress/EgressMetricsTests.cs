using System.Diagnostics.Metrics;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Tests.Support;
using Xunit;

namespace Dynospace.Controllers.Tests.Egress;

/// <summary>What is measured of fixed IPs, read on each scrape.</summary>
public sealed class EgressMetricsTests
{
    [Theory]
    [InlineData("True", 1)]
    [InlineData("False", 0)]
    [InlineData("Unknown", -1)]
    public void Each_space_that_asks_for_fixed_IPs_says_whether_traffic_leaves_by_them(string status, int expected) =>
        Assert.Equal(
            [$"{expected} space=acme"],
            Read(EgressMetrics.Ready, [Space("acme", status), Space("common", null)], []));

    [Fact]
    public void Each_address_says_its_ports_its_gateways_and_whether_one_has_it()
    {
        EgressGateway[] gateways =
        [
            new()
            {
                Metadata = new() { Name = "acme" },
                Spec = new()
                {
                    Namespace = "acme",
                    IPs =
                    [
                        new() { Address = "203.0.113.10", Gateways = ["g1", "g2"] }, new() { Address = "203.0.113.11" },
                    ],
                    Nodes = [new() { Name = "g1" }, new() { Name = "w1" }],
                },
                Status = new()
                {
                    IPs =
                    [
                        new() { Address = "203.0.113.10", Gateway = "g1", Ports = 4096, PortsInUse = 7 },
                        new() { Address = "203.0.113.11" },
                    ],
                },
            },
            new()
            {
                Metadata = new() { Name = "new" },
                Spec = new() { Namespace = "new", Nodes = [new() { Name = "w1" }, new() { Name = "w2" }] },
            },
        ];

        Assert.Equal(Rows(4096, 0), Read(EgressMetrics.Ports, [], gateways));
        Assert.Equal(Rows(7, 0), Read(EgressMetrics.PortsInUse, [], gateways));
        Assert.Equal(Rows(1, 0), Read(EgressMetrics.Held, [], gateways));
        Assert.Equal(Rows(2, 0), Read(EgressMetrics.Gateways, [], gateways));
        Assert.Equal(["1 node=g1", "1 node=w1", "1 node=w2"], Read(EgressMetrics.Node, [], gateways));
    }

    /// <summary>An object that is gone is no longer reported, whatever was reported of it.</summary>
    [Fact]
    public void Without_objects_nothing_is_reported_of_them()
    {
        Assert.Empty(Read(EgressMetrics.Ready, [], []));
        Assert.Empty(Read(EgressMetrics.Held, [], []));
        Assert.Empty(Read(EgressMetrics.Node, [], []));
    }

    private static string[] Rows(int first, int second) =>
        [$"{first} space=acme address=203.0.113.10", $"{second} space=acme address=203.0.113.11"];

    private static List<string> Read(string instrument, Space[] spaces, EgressGateway[] gateways)
    {
        using var metrics = new EgressMetrics(new KnownStore<Space>(spaces), new KnownStore<EgressGateway>(gateways));
        using var listener = new MeterListener();
        var read = new List<string>();
        listener.InstrumentPublished = (published, self) =>
        {
            // Others of the name belong to tests that run at the same time.
            if (published.Name == instrument && metrics.IsOwn(published))
            {
                self.EnableMeasurementEvents(published);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => read.Add(
            string.Join(' ', [$"{value}", .. tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")])));
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }

    private static Space Space(string name, string? status) => new()
    {
        Metadata = new() { Name = name },
        Status = new()
        {
            Conditions = status is null ? null : [new() { Type = ConditionTypes.EgressReady, Status = status }],
        },
    };
}
