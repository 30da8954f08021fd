using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>Rules of policies about address ranges.</summary>
public static class AddressRules
{
    /// <summary>All of IPv4.</summary>
    public static readonly AddressBlock EveryIPv4 = AddressBlock.Parse("0.0.0.0/0");

    /// <summary>All of IPv6.</summary>
    public static readonly AddressBlock EveryIPv6 = AddressBlock.Parse("::/0");

    /// <summary>All of a range, without exceptions.</summary>
    public static V1NetworkPolicyPeer Peer(AddressBlock range) => new() { IpBlock = new() { Cidr = range.ToString() } };

    /// <summary>
    /// A range without its forbidden parts. Every exception lies strictly inside the range, as the API server requires.
    /// </summary>
    public static V1NetworkPolicyPeer PeerWithout(AddressBlock range, AddressSet forbidden) =>
        PeerWithout(range, forbidden.Inside(range, PeerRanges.MostExceptions));

    /// <summary>A range without some blocks, each strictly inside it.</summary>
    public static V1NetworkPolicyPeer PeerWithout(AddressBlock range, IEnumerable<AddressBlock> exceptions)
    {
        List<string> texts = [.. exceptions.Select(block => block.ToString())];
        return new() { IpBlock = new() { Cidr = range.ToString(), Except = texts.Count == 0 ? null : texts } };
    }

    /// <summary>Whether no rule reaches a forbidden address, apart from one that is known to be harmless.</summary>
    public static bool AreSound(
        IEnumerable<V1NetworkPolicyEgressRule> rules, AddressSet forbidden, AddressBlock harmless) =>
        rules.All(rule => rule.To is { Count: > 0 }
            && rule.To.All(peer => peer.IpBlock is not { } block || IsSound(block, forbidden, harmless)));

    private static bool IsSound(V1IPBlock block, AddressSet forbidden, AddressBlock harmless)
    {
        var exceptions = new List<AddressBlock>();
        foreach (var text in block.Except ?? [])
        {
            if (AddressBlock.TryParse(text, out var exception))
            {
                exceptions.Add(exception);
            }
        }

        return AddressBlock.TryParse(block.Cidr, out var range)
            && (range == harmless || forbidden.IsAvoidedBy(range, exceptions));
    }
}
