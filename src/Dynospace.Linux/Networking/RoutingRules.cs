using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Networking;

/// <summary>Rules that choose a routing table, as <c>ip rule</c> shows them.</summary>
public interface IRoutingRules
{
    /// <summary>Every rule of IPv4 and IPv6.</summary>
    IReadOnlyList<RoutingRule> List();

    /// <summary>Adds a rule.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it, such as for the same rule.</exception>
    void Add(RoutingRule rule);

    /// <summary>Deletes a rule. No error if it is gone.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Delete(RoutingRule rule);
}

/// <summary>What a rule does, by the kernel's numbers.</summary>
public enum RuleAction
{
    /// <summary>Looks in its table.</summary>
    Lookup = 1,

    /// <summary>Drops the packet.</summary>
    Blackhole = 6,

    /// <summary>Drops the packet and notifies the sender that there is no way.</summary>
    Unreachable = 7,

    /// <summary>Drops the packet and notifies the sender that it is not allowed.</summary>
    Prohibit = 8,
}

/// <summary>A rule. What is null or 0 is not asked for.</summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Priority">Rules are asked in this order.</param>
public sealed record RoutingRule(AddressFamily Family, uint Priority)
{
    /// <summary>What it does.</summary>
    public RuleAction Action { get; init; } = RuleAction.Lookup;

    /// <summary>The table that it looks in.</summary>
    public uint Table { get; init; }

    /// <summary>Where the packet comes from.</summary>
    public IPNetwork? From { get; init; }

    /// <summary>Where the packet goes.</summary>
    public IPNetwork? To { get; init; }

    /// <summary>The name of the link that the packet came by.</summary>
    public string? IncomingLink { get; init; }

    /// <summary>The name of the link that a socket is bound to.</summary>
    public string? OutgoingLink { get; init; }

    /// <summary>The packet's mark, where <see cref="Mask"/> is set.</summary>
    public uint Mark { get; init; }

    /// <summary>Which bits of the mark count; 0 for none.</summary>
    public uint Mask { get; init; }

    /// <summary>Routes with prefixes up to this length do not count.</summary>
    public int? SuppressPrefixLength { get; init; }

    /// <summary>Whether it is for all other packets than those described.</summary>
    public bool IsInverted { get; init; }

    /// <summary>Who made it: a number by which a program knows its own; 2 is the kernel.</summary>
    public byte Protocol { get; init; } = 4;
}

/// <summary>Rules by rtnetlink.</summary>
internal sealed class RoutingRuleSocket(NetlinkSocket socket) : IRoutingRules
{
    private const int HeaderLength = 12;
    private const uint InvertFlag = 2;
    private const int ToAttribute = 1;
    private const int FromAttribute = 2;
    private const int IncomingAttribute = 3;
    private const int PriorityAttribute = 6;
    private const int MarkAttribute = 10;
    private const int SuppressAttribute = 14;
    private const int TableAttribute = 15;
    private const int MaskAttribute = 16;
    private const int OutgoingAttribute = 17;
    private const int ProtocolAttribute = 21;

    public IReadOnlyList<RoutingRule> List() => socket.Dump(RouteMessages.GetRule, new byte[HeaderLength], Read);

    public void Add(RoutingRule rule) =>
        socket.Change(RouteMessages.NewRule, RouteMessages.Create | RouteMessages.Exclusive, Body(rule).Bytes);

    public void Delete(RoutingRule rule) => socket.Delete(RouteMessages.DeleteRule, Body(rule).Bytes);

    private static NetlinkBody Body(RoutingRule rule)
    {
        var header = new byte[HeaderLength];
        header[0] = RouteMessages.Family(rule.Family);
        header[1] = (byte)(rule.To?.PrefixLength ?? 0);
        header[2] = (byte)(rule.From?.PrefixLength ?? 0);
        header[7] = (byte)rule.Action;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), rule.IsInverted ? InvertFlag : 0);
        var body = new NetlinkBody(header)
            .Add(PriorityAttribute, rule.Priority)
            .Add(ProtocolAttribute, rule.Protocol);
        if (rule.Action == RuleAction.Lookup)
        {
            body.Add(TableAttribute, rule.Table);
        }

        if (rule.To is { PrefixLength: > 0 } to)
        {
            body.Add(ToAttribute, to.BaseAddress);
        }

        if (rule.From is { PrefixLength: > 0 } from)
        {
            body.Add(FromAttribute, from.BaseAddress);
        }

        if (rule.IncomingLink is { } incoming)
        {
            body.Add(IncomingAttribute, incoming);
        }

        if (rule.OutgoingLink is { } outgoing)
        {
            body.Add(OutgoingAttribute, outgoing);
        }

        if (rule.Mask != 0)
        {
            body.Add(MarkAttribute, rule.Mark).Add(MaskAttribute, rule.Mask);
        }

        return rule.SuppressPrefixLength is { } length ? body.Add(SuppressAttribute, length) : body;
    }

    private static RoutingRule? Read(NetlinkMessage message)
    {
        var header = message.Body.Span;
        if (message.Type != RouteMessages.NewRule
            || header[0] is not (RouteMessages.Internet4 or RouteMessages.Internet6))
        {
            return null;
        }

        var family = header[0] == RouteMessages.Internet4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var rule = new RoutingRule(family, 0)
        {
            Action = (RuleAction)header[7],
            Table = header[4],
            IsInverted = (BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) & InvertFlag) != 0,
            Protocol = 0,
        };
        foreach (var attribute in NetlinkAttribute.ReadAll(message.Body[HeaderLength..]))
        {
            rule = attribute.Type switch
            {
                PriorityAttribute => rule with { Priority = attribute.UInt32 },
                TableAttribute => rule with { Table = attribute.UInt32 },
                ToAttribute => rule with { To = new IPNetwork(attribute.Address, header[1]) },
                FromAttribute => rule with { From = new IPNetwork(attribute.Address, header[2]) },
                IncomingAttribute => rule with { IncomingLink = attribute.Text },
                OutgoingAttribute => rule with { OutgoingLink = attribute.Text },
                MarkAttribute => rule with { Mark = attribute.UInt32 },
                MaskAttribute => rule with { Mask = attribute.UInt32 },
                SuppressAttribute when attribute.Int32 >= 0 => rule with { SuppressPrefixLength = attribute.Int32 },
                ProtocolAttribute => rule with { Protocol = attribute.Byte },
                _ => rule,
            };
        }

        return rule;
    }
}
