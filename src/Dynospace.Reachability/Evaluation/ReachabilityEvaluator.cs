// Evaluation: judges connections against a snapshot of a cluster.

using System.Collections.Immutable;
using System.Net;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Snapshots;

namespace Dynospace.Reachability.Evaluation;

/// <summary>
/// Answers whether one endpoint may open a connection to another, and which policies say so, by the semantics of
/// <c>networking.k8s.io/v1</c>. Pure and safe to share between threads.
/// </summary>
public sealed class ReachabilityEvaluator
{
    private readonly EndpointResolver _resolver;
    private readonly ServiceBackends _backends;
    private readonly SideEvaluator _sides;
    private readonly EvaluationOptions _options;
    private readonly Lazy<CidrSet> _ownAddresses;

    /// <summary>An evaluator of the snapshot's policies.</summary>
    public ReachabilityEvaluator(ClusterSnapshot snapshot, EvaluationOptions? options = null)
    {
        Snapshot = snapshot;
        _resolver = new(snapshot.Content);
        _backends = new(snapshot.Content, _resolver);
        _options = options ?? EvaluationOptions.Default;
        _ownAddresses = new(() => snapshot.OwnAddresses);
        _sides = new(_options);
    }

    /// <summary>What is evaluated.</summary>
    public ClusterSnapshot Snapshot { get; }

    /// <summary>
    /// Whether <paramref name="source"/> may open a connection to <paramref name="target"/> on the port that it would
    /// name, which for a service is the service's own.
    /// </summary>
    /// <exception cref="EndpointNotFoundException">The snapshot holds no such endpoint.</exception>
    /// <exception cref="ArgumentException">The source is a service.</exception>
    public Verdict Evaluate(Endpoint source, Endpoint target, TransportPort port) =>
        Evaluate(_resolver.Resolve(source), target, port);

    private Verdict Evaluate(NetworkEnd from, Endpoint target, TransportPort port)
    {
        if (_resolver.FindService(target, port) is { } translated)
        {
            return EvaluateService(from, translated, port);
        }

        return _resolver.FindHostPort(target, port) is { } door
            ? EvaluateConnection(from, door.End, door.Port)
            : EvaluateConnection(from, _resolver.Resolve(target), port);
    }

    /// <summary>
    /// Verdicts on connections between every address of a set and an endpoint, for the parts of the set that policies
    /// tell apart. Families that the endpoint does not have are left out.
    /// </summary>
    /// <param name="set">Addresses outside the cluster.</param>
    /// <param name="endpoint">The other end.</param>
    /// <param name="isSource">Whether the set opens the connections.</param>
    /// <param name="port">The port that the source names.</param>
    public ImmutableArray<(CidrSet Addresses, Verdict Verdict)> EvaluateParts(
        CidrSet set, Endpoint endpoint, bool isSource, TransportPort port)
    {
        var ends = EndsOf(endpoint, port);
        var families = ends.SelectMany(end => end.Addresses).Select(candidate => candidate.Family).ToHashSet();
        var direction = isSource ? PolicyDirection.Ingress : PolicyDirection.Egress;
        List<CidrSet> parts = [.. new[] { AddressRange.EveryIPv4, AddressRange.EveryIPv6 }
            .Where(family => families.Count == 0 || families.Contains(family.Family))
            .Select(family => set.Intersect(CidrSet.FromRanges(family)))];
        foreach (var block in BlocksOf(ends, direction))
        {
            parts = [.. parts.SelectMany(part => new[] { part.Intersect(block), part.Except(block) })];
            parts.RemoveAll(part => part.IsEmpty);
        }

        return [.. parts.Where(part => !part.IsEmpty).Select(part => (part, EvaluatePart(part.Ranges[0].First)))];

        Verdict EvaluatePart(IPAddress address)
        {
            var outside = new NetworkEnd(
                address.ToString(), null, null, IsNode: false, [AddressCandidate.Known(address)]);
            return isSource
                ? Evaluate(outside, endpoint, port)
                : EvaluateConnection(_resolver.Resolve(endpoint), outside, port);
        }
    }

    /// <summary>One verdict on connections between a set of addresses and an endpoint, with its parts.</summary>
    /// <inheritdoc cref="EvaluateParts"/>
    public Verdict EvaluateSet(CidrSet set, Endpoint endpoint, bool isSource, TransportPort port)
    {
        ImmutableArray<PartVerdict> parts =
        [
            .. EvaluateParts(
                set, endpoint, isSource, port).Select(part => new PartVerdict(part.Addresses, part.Verdict)),
        ];
        return parts switch
        {
            [] => new(set.ToString(), endpoint.ToString()!, port)
            {
                Allowed = false,
                Circumstance = "no address of it is of a family that the other end has",
            },
            [var only] => only.Verdict,
            _ => parts[0].Verdict with { Allowed = parts.Any(part => part.Verdict.Allowed), Parts = parts },
        };
    }

    private ImmutableArray<NetworkEnd> EndsOf(Endpoint endpoint, TransportPort port)
    {
        if (_resolver.FindService(endpoint, port) is { } translated)
        {
            return [.. _backends.Behind(translated.Service, translated.Port).Select(backend => backend.End)];
        }

        return [_resolver.FindHostPort(endpoint, port)?.End ?? _resolver.Resolve(endpoint)];
    }

    private static IEnumerable<CidrSet> BlocksOf(IEnumerable<NetworkEnd> ends, PolicyDirection direction) => ends
        .Select(end => end.Pod).OfType<CompiledPod>()
        .SelectMany(pod => pod.Policies(direction))
        .SelectMany(policy => policy.Rules(direction) ?? [])
        .SelectMany(rule => rule.Peers)
        .Select(peer => peer.Block).OfType<CidrSet>()
        .Distinct();

    /// <summary>
    /// Plugins see the connection after the service's address was translated, so its backends are what policies are
    /// asked about.
    /// </summary>
    private Verdict EvaluateService(NetworkEnd from, TranslatedService translated, TransportPort port)
    {
        var service = translated.Service;
        var target = service.Endpoint.ToString();
        if (service.ExternalName is { } alias)
        {
            return Decided(
                from, target, port, false, $"{target} is an alias for {alias}; ask about the address behind that name");
        }

        var backends = _backends.Behind(service, translated.Port)
            .Where(backend => translated.Node is null || backend.End.NodeName == translated.Node)
            .ToImmutableArray();
        if (backends.IsEmpty)
        {
            return Decided(from, target, port, false, $"{target} has no backend for {port}");
        }

        var verdicts = backends
            .Select(
                backend => new BackendVerdict(
                    backend.End.Display, backend.Port, EvaluateConnection(from, backend.End, backend.Port)))
            .ToArray();
        return new(from.Display, target, port)
        {
            Allowed = Array.Exists(verdicts, backend => backend.Verdict.Allowed),
            Backends = [.. verdicts],
        };
    }

    private Verdict EvaluateConnection(NetworkEnd from, NetworkEnd to, TransportPort port)
    {
        if (from.HasEnded || to.HasEnded)
        {
            return Decided(from, to.Display, port, false, $"{(from.HasEnded ? from : to).Display} has ended");
        }

        if (IsLoopback(from, to))
        {
            return Decided(from, to.Display, port, true, "a pod always reaches itself");
        }

        Verdict? refusal = null;
        foreach (var source in from.Addresses)
        {
            foreach (var target in to.Addresses)
            {
                if (source.Family != target.Family)
                {
                    continue;
                }

                var verdict = EvaluateFlow(from, source, to, target, port);
                if (verdict.Allowed)
                {
                    return verdict;
                }

                refusal ??= verdict;
            }
        }

        return refusal
            ?? Decided(
                from, to.Display, port, false, $"{from.Display} and {to.Display} have no address family in common");
    }

    private Verdict EvaluateFlow(
        NetworkEnd from, AddressCandidate source, NetworkEnd to, AddressCandidate target, TransportPort port)
    {
        var egress = _sides.Decide(PolicyDirection.Egress, from, to, target, port, to.Pod);
        var ingress = _sides.Decide(PolicyDirection.Ingress, to, from, source, port, to.Pod);
        var judgement = egress.Allows && ingress.Allows ? Judge(from, source, to) : null;
        return new(from.Display, to.Display, port)
        {
            Allowed = judgement?.IsAdmitted ?? (egress.Allows && ingress.Allows),
            Circumstance = judgement?.Circumstance,
            Egress = egress,
            Ingress = ingress,
        };
    }

    private Judgement? Judge(NetworkEnd from, AddressCandidate source, NetworkEnd to) =>
        _options.Judge is { } judge && to.Pod is { } target
            ? judge(new(from.Pod is { } pod ? Connected(pod) : null, Connected(target), source.Family)
            {
                IsFromNode = from.IsNode,
                IsFromCluster = from.Pod is not null || from.IsNode || _ownAddresses.Value.Contains(source.Possible),
            })
            : null;

    private static ConnectedPod Connected(CompiledPod pod) => new(pod.Endpoint, pod.Labels);

    private static bool IsLoopback(NetworkEnd from, NetworkEnd to) =>
        (from.Pod is { } pod && ReferenceEquals(pod, to.Pod))
        || to.Addresses.All(candidate => candidate.IsLoopback);

    private static Verdict Decided(
        NetworkEnd from, string target, TransportPort port, bool allowed, string circumstance) =>
        new(from.Display, target, port) { Allowed = allowed, Circumstance = circumstance };
}
