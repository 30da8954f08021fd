namespace Dynospace.Reachability;

/// <summary>A rule that applied to the pod but admitted nothing.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="PeerMatches">Whether its peers include the other end, so that only the port is missing.</param>
/// <param name="PortMatches">Whether its ports include the port, so that only the peer is missing.</param>
/// <param name="Ports">The ports that it does admit, such as <c>TCP 5000, UDP 53</c>.</param>
public sealed record RuleMiss(RuleReference Rule, bool PeerMatches, bool PortMatches, string Ports)
{
    /// <summary>Such as <c>acme-prod/dns egress[0] is for other peers</c>.</summary>
    public override string ToString() => (PeerMatches, PortMatches) switch
    {
        (true, _) => $"{Rule} admits this peer on {Ports} only",
        (_, true) => $"{Rule} is for other peers",
        _ => $"{Rule} is for other peers and ports",
    };
}
