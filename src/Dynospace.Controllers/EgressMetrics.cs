using System.Diagnostics.Metrics;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Runtime.Caching;
using k8s.Models;

namespace Dynospace.Controllers;

/// <summary>
/// The meter <c>Dynospace</c>: what each Space's status says of its way out, and its EgressGateway of its ports, read
/// on each scrape. Tags: <c>space</c>, and <c>address</c> of ports.
/// </summary>
internal sealed class EgressMetrics : IDisposable
{
    /// <summary>
    /// Gauge: 1 where traffic leaves by the fixed IPs, 0 where it does not, -1 where that is not known.
    /// </summary>
    public const string Ready = "egress.ready";

    /// <summary>Gauge: the source ports of a fixed IP that nodes have.</summary>
    public const string Ports = "egress.ports";

    /// <summary>Gauge: the source ports of a fixed IP that connections use.</summary>
    public const string PortsInUse = "egress.ports_in_use";

    /// <summary>Gauge: the gateway nodes of a fixed IP; with fewer than two nobody takes it over.</summary>
    public const string Gateways = "egress.gateways";

    /// <summary>Gauge: 1 where a gateway says that it has the fixed IP, 0 where none does.</summary>
    public const string Held = "egress.held";

    /// <summary>
    /// Gauge, always 1: a node that takes part in fixed IPs, and needs an agent. Tag: <c>node</c>.
    /// </summary>
    public const string Node = "egress.node";

    private readonly Meter _meter = new(IsolationMetrics.MeterName);

    /// <param name="spaces">All Spaces.</param>
    /// <param name="gateways">All EgressGateways.</param>
    internal EgressMetrics(IStore<Space> spaces, IStore<EgressGateway> gateways)
    {
        _meter.CreateObservableGauge(
            Ready,
            () => spaces.List()
                .Select(space => (space.Metadata.Name, Condition: ReadyOf(space)))
                .Where(space => space.Condition is not null)
                .Select(space => new Measurement<int>(
                    IsolationMetrics.ValueOf(space.Condition), Tag("space", space.Name))),
            description: "1: traffic leaves by the space's fixed IPs; 0: it does not; -1: unknown");
        _meter.CreateObservableGauge(
            Ports,
            () => Measure(gateways, ip => ip.Ports),
            description: "Source ports of a fixed IP that nodes have");
        _meter.CreateObservableGauge(
            PortsInUse,
            () => Measure(gateways, ip => ip.PortsInUse),
            description: "Source ports of a fixed IP that connections use");
        _meter.CreateObservableGauge(
            Gateways,
            () => gateways.List().SelectMany(gateway => (gateway.Spec.IPs ?? []).Select(ip => new Measurement<int>(
                ip.Gateways?.Count ?? 0, Tag("space", gateway.Spec.Namespace), Tag("address", ip.Address)))),
            description: "Gateway nodes of a fixed IP");
        _meter.CreateObservableGauge(
            Held,
            () => Measure(gateways, ip => ip.Gateway is null ? 0 : 1),
            description: "1: a gateway has the fixed IP; 0: none says so");
        _meter.CreateObservableGauge(
            Node,
            () => gateways.List().SelectMany(gateway => gateway.Spec.Nodes ?? []).Select(node => node.Name)
                .Distinct(StringComparer.Ordinal)
                .Select(node => new Measurement<int>(1, Tag("node", node))),
            description: "1: a node that takes part in fixed IPs, and needs an agent");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Whether an instrument is of this object, and not of another with the same names.</summary>
    internal bool IsOwn(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    /// <summary>Null for a Space that asks for no fixed IP.</summary>
    private static V1Condition? ReadyOf(Space space) =>
        Conditions.Find(space.Status?.Conditions, ConditionTypes.EgressReady);

    private static IEnumerable<Measurement<int>> Measure(
        IStore<EgressGateway> gateways, Func<EgressIPStatus, int?> value) =>
        gateways.List().SelectMany(gateway => (gateway.Status?.IPs ?? []).Select(ip => new Measurement<int>(
            value(ip) ?? 0, Tag("space", gateway.Spec.Namespace), Tag("address", ip.Address))));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
