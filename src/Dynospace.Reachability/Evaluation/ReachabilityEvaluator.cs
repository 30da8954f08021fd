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

    /// <summary>An evaluator of the snapshot's policies.</summary>
    public ReachabilityEvaluator(ClusterSnapshot snapshot, EvaluationOptions? options = null)
    {
        Snapshot = snapshot;
        _resolver = new(snapshot.Content);
        _backends = new(snapshot.Content, _resolver);
        _sides = new(options ?? EvaluationOptions.Default);
    }

    /// <summary>What is evaluated.</summary>
    public ClusterSnapshot Snapshot { get; }

    /// <summary>
    /// Whether <paramref name="source"/> may open a connection to <paramref name="target"/> on the port that it would name,
    /// which for a service is the service's own.
    /// </summary>
    /// <exception cref="EndpointNotFoundException">The snapshot holds no such endpoint.</exception>
    /// <exception cref="ArgumentException">The source is a service.</exception>
    public Verdict Evaluate(Endpoint source, Endpoint target, TransportPort port)
    {
        var from = _resolver.Resolve(source);
        return _resolver.FindService(target) is { } service
            ? EvaluateService(from, service, port)
            : EvaluateConnection(from, _resolver.Resolve(target), port);
    }

    /// <summary>
    /// Plugins see the connection after the service's address was translated, so its backends are what policies are asked about.
    /// </summary>
    private Verdict EvaluateService(NetworkEnd from, CompiledService service, TransportPort port)
    {
        var target = service.Endpoint.ToString();
        if (service.ExternalName is { } alias)
        {
            return Decided(from, target, port, false, $"{target} is an alias for {alias}; ask for the address behind that name");
        }

        var backends = _backends.Of(service, port);
        if (backends.IsEmpty)
        {
            return Decided(from, target, port, false, $"{target} has no backend for {port}");
        }

        var verdicts = backends
            .Select(backend => new BackendVerdict(backend.End.Display, backend.Port, EvaluateConnection(from, backend.End, backend.Port)))
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

        return refusal ?? Decided(from, to.Display, port, false, $"{from.Display} and {to.Display} share no address family");
    }

    private Verdict EvaluateFlow(NetworkEnd from, AddressCandidate source, NetworkEnd to, AddressCandidate target, TransportPort port)
    {
        var egress = _sides.Decide(PolicyDirection.Egress, from, to, target, port, to.Pod);
        var ingress = _sides.Decide(PolicyDirection.Ingress, to, from, source, port, to.Pod);
        return new(from.Display, to.Display, port)
        {
            Allowed = egress.Allows && ingress.Allows,
            Egress = egress,
            Ingress = ingress,
        };
    }

    private static bool IsLoopback(NetworkEnd from, NetworkEnd to) =>
        (from.Pod is { } pod && ReferenceEquals(pod, to.Pod))
        || to.Addresses.All(candidate => candidate.IsLoopback);

    private static Verdict Decided(NetworkEnd from, string target, TransportPort port, bool allowed, string circumstance) =>
        new(from.Display, target, port) { Allowed = allowed, Circumstance = circumstance };
}
