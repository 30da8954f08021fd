using System.Collections.Immutable;

namespace Dynospace.Reachability.Compilation;

/// <summary>One rule: no peers are all peers, no ports all ports.</summary>
internal sealed record CompiledRule(RuleReference Reference, ImmutableArray<CompiledPeer> Peers, ImmutableArray<CompiledPort> Ports)
{
    public string PortsText { get; } = Ports.IsEmpty ? "all ports" : string.Join(", ", Ports);

    public bool MatchesPort(TransportPort port, CompiledPod? destination)
    {
        foreach (var candidate in Ports)
        {
            if (candidate.Matches(port, destination))
            {
                return true;
            }
        }

        return Ports.IsEmpty;
    }

    public bool MatchesPeer(NetworkEnd end, AddressCandidate address, CompiledNamespace policyNamespace, EvaluationOptions options)
    {
        foreach (var peer in Peers)
        {
            if (peer.Matches(end, address, policyNamespace, options))
            {
                return true;
            }
        }

        return Peers.IsEmpty;
    }
}
