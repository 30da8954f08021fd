using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Filtering;

/// <summary>
/// Changes elements of sets and maps by netlink. libnftables reads the table's sets and chains before each transaction;
/// here the cost depends only on the changed elements. Not thread-safe.
/// </summary>
public interface INftablesElements : IDisposable
{
    /// <summary>Changes elements in one transaction: all deletions come before all additions.</summary>
    /// <param name="table">The name of the table, of each change's family.</param>
    /// <exception cref="NftablesException">The kernel refuses the change; no part of it took effect.</exception>
    void Change(string table, IReadOnlyList<ElementChange> changes);
}

/// <summary>The changes to a set or map.</summary>
/// <param name="Set">The name of the set.</param>
/// <param name="Format">The encoding of its elements.</param>
/// <param name="Deleted">The removed keys, in nftables' syntax.</param>
/// <param name="Added">The added keys with their values in a map; null values in a set.</param>
public sealed record ElementChange(
    string Set, ElementFormat Format, IReadOnlyList<string> Deleted,
    IReadOnlyList<KeyValuePair<string, string?>> Added)
{
    /// <summary>The family of the table.</summary>
    public NftablesFamily Family { get; init; } = NftablesFamily.Inet;
}

/// <summary>The family of a table, by the kernel's numbers.</summary>
public enum NftablesFamily : byte
{
    /// <summary>Packets of IPv4 and IPv6.</summary>
    Inet = 1,

    /// <summary>Packets of a link, before the stack receives them.</summary>
    NetDevice = 5,
}

/// <summary>
/// Encodes elements of fixed length: concatenations of marks, addresses and interfaces, with marks or <c>goto</c> as
/// values.
/// </summary>
public sealed class ElementFormat
{
    private const string Separator = " . ";
    private const string Goto = "goto ";
    private const int GotoCode = -4;
    private const int Value = 1;
    private const int Verdict = 2;
    private const int VerdictCode = 1;
    private const int VerdictChain = 2;

    private readonly string[] _key;
    private readonly string? _value;

    private ElementFormat(string[] key, string? value) => (_key, _value) = (key, value);

    /// <summary>
    /// The format of a definition such as <c>type mark . ipv4_addr : verdict;</c>; null for any other.
    /// </summary>
    public static ElementFormat? Find(string definition)
    {
        var end = definition.IndexOf(';', StringComparison.Ordinal);
        if (!definition.StartsWith("type ", StringComparison.Ordinal) || end != definition.Length - 1)
        {
            return null;
        }

        var parts = definition["type ".Length..end].Split(" : ");
        var key = parts[0].Split(Separator);
        var value = parts.Length > 1 ? parts[1] : null;
        return key.All(type => type is "mark" or "iface_index" or "ipv4_addr" or "ipv6_addr")
            && value is null or "mark" or "verdict"
                ? new ElementFormat(key, value)
                : null;
    }

    internal void WriteKey(NetlinkBody body, int type, string key)
    {
        Span<byte> bytes = stackalloc byte[64];
        var length = 0;
        var rest = key.AsSpan();
        foreach (var part in _key)
        {
            var end = rest.IndexOf(Separator);
            var text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + Separator.Length)..];
            length += WritePart(part, text, bytes[length..]);
        }

        var written = bytes[..length].ToArray();
        body.Nest(type, data => data.Add(Value, written));
    }

    internal void WriteValue(NetlinkBody body, int type, string text)
    {
        if (_value == "verdict")
        {
            var chain = text[Goto.Length..];
            body.Nest(type, data => data.Nest(Verdict, verdict => verdict
                .Add(VerdictCode, BinaryPrimitives.ReverseEndianness(GotoCode))
                .Add(VerdictChain, chain)));
        }
        else
        {
            var mark = Number(text);
            body.Nest(type, data => data.Add(Value, mark));
        }
    }

    private static int WritePart(string type, ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (type is "mark" or "iface_index")
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, Number(text));
            return sizeof(uint);
        }

        IPAddress.Parse(text).TryWriteBytes(bytes, out var length);
        return length;
    }

    private static uint Number(ReadOnlySpan<char> text) => text.StartsWith("0x")
        ? uint.Parse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : uint.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>Elements by nfnetlink.</summary>
public sealed class NftablesElementSocket : INftablesElements
{
    private const ushort BatchBegin = 16;
    private const ushort BatchEnd = 17;
    private const ushort Subsystem = 10;
    private const ushort NewElements = (Subsystem << 8) | 12;
    private const ushort DeleteElements = (Subsystem << 8) | 14;
    private const ushort Create = 0x400;
    private const int TableName = 1;
    private const int SetName = 2;
    private const int Elements = 3;
    private const int Element = 1;
    private const int Key = 1;
    private const int Data = 2;

    /// <summary>An attribute's length has 16 bits, and an element takes less than 128 bytes.</summary>
    private const int MostOfMessage = 400;

    private readonly NetlinkSocket _socket = new(NetlinkSocket.Netfilter);

    public void Change(string table, IReadOnlyList<ElementChange> changes)
    {
        var requests = new List<NetlinkRequest> { Bound(BatchBegin) };
        foreach (var change in changes)
        {
            requests.AddRange(change.Deleted.Chunk(MostOfMessage).Select(keys => Request(
                DeleteElements, 0, table, change, elements =>
                {
                    foreach (var key in keys)
                    {
                        elements.Nest(Element, element => change.Format.WriteKey(element, Key, key));
                    }
                })));
        }

        foreach (var change in changes)
        {
            requests.AddRange(change.Added.Chunk(MostOfMessage).Select(items => Request(
                NewElements, Create, table, change, elements =>
                {
                    foreach (var (key, value) in items)
                    {
                        elements.Nest(Element, element =>
                        {
                            change.Format.WriteKey(element, Key, key);
                            if (value is not null)
                            {
                                change.Format.WriteValue(element, Data, value);
                            }
                        });
                    }
                })));
        }

        if (requests.Count == 1)
        {
            return;
        }

        requests[^1] = requests[^1] with { IsAcknowledged = true };
        requests.Add(Bound(BatchEnd));
        try
        {
            _socket.Send(requests);
        }
        catch (SocketException e)
        {
            throw new NftablesException($"elements of {table} cannot be changed: {e.Message}");
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The begin or end of a transaction.</summary>
    private static NetlinkRequest Bound(ushort type) => new(type, 0, new NetlinkBody([0, 0, 0, (byte)Subsystem]));

    private static NetlinkRequest Request(
        ushort type, ushort flags, string table, ElementChange change, Action<NetlinkBody> elements) => new(
        type, flags, new NetlinkBody([(byte)change.Family, 0, 0, 0])
            .Add(TableName, table)
            .Add(SetName, change.Set)
            .Nest(Elements, elements));
}
