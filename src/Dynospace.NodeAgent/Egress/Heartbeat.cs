using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Dynospace.NodeAgent.Egress;

/// <summary>What a node says to the others several times a second, through the tunnel.</summary>
/// <param name="Node">The number of the node.</param>
/// <param name="Hears">The nodes that it heard lately.</param>
/// <param name="Claims">The numbers of the fixed IPs that it has as their gateway.</param>
internal sealed record Heartbeat(int Node, ImmutableHashSet<int> Hears, ImmutableHashSet<int> Claims)
{
    /// <summary>More do not fit into one packet.</summary>
    public const int MostClaims = 650;

    // DSE, and the version.
    private const uint Magic = 0x44534501;
    private const int HeardAt = 6;
    private const int ClaimsAt = HeardAt + 32;

    public byte[] Encode()
    {
        var claims = Claims.Order().Take(MostClaims).ToList();
        var bytes = new byte[ClaimsAt + (2 * claims.Count)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        bytes[4] = (byte)Node;
        foreach (var node in Hears)
        {
            bytes[HeardAt + (node / 8)] |= (byte)(1 << (node % 8));
        }

        for (var i = 0; i < claims.Count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(ClaimsAt + (2 * i)), (ushort)claims[i]);
        }

        return bytes;
    }

    /// <summary>Reads a packet; null if it is not a heartbeat.</summary>
    public static Heartbeat? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < ClaimsAt || BinaryPrimitives.ReadUInt32BigEndian(bytes) != Magic)
        {
            return null;
        }

        var hears = ImmutableHashSet.CreateBuilder<int>();
        for (var node = 1; node <= TunnelNumbers.LastNode; node++)
        {
            if ((bytes[HeardAt + (node / 8)] & (1 << (node % 8))) != 0)
            {
                hears.Add(node);
            }
        }

        var claims = ImmutableHashSet.CreateBuilder<int>();
        for (var rest = bytes[ClaimsAt..]; rest.Length >= 2; rest = rest[2..])
        {
            claims.Add(BinaryPrimitives.ReadUInt16BigEndian(rest));
        }

        return new Heartbeat(bytes[4], hears.ToImmutable(), claims.ToImmutable());
    }
}
