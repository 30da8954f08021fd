using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Dynospace.Planning;

/// <summary>
/// SHA-256 over a canonical form. No version of the operator may change it, since dynos are replaced if a hash differs.
/// A length precedes every value, so that no two lists of values give the same bytes.
/// </summary>
public sealed class StableHash
{
    /// <summary>
    /// Kubernetes' alphabet for name suffixes: no vowels, which could form words, and no similar characters.
    /// </summary>
    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    private readonly ArrayBufferWriter<byte> _canonical = new(512);

    /// <summary>Adds a text. Null and the empty string differ.</summary>
    public StableHash Add(string? value)
    {
        if (value is null)
        {
            return AddLength(-1);
        }

        AddLength(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _canonical);
        return this;
    }

    /// <summary>Adds a number.</summary>
    public StableHash Add(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_canonical.GetSpan(sizeof(long)), value);
        _canonical.Advance(sizeof(long));
        return this;
    }

    /// <summary>Adds a list in its order. Null is an empty list.</summary>
    public StableHash Add(IEnumerable<string>? values)
    {
        IReadOnlyCollection<string> list = values as IReadOnlyCollection<string> ?? [.. values ?? []];
        AddLength(list.Count);
        foreach (var value in list)
        {
            Add(value);
        }

        return this;
    }

    /// <summary>The first 128 bits in hexadecimal, enough to exclude accidental collisions.</summary>
    public string ToHex()
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_canonical.WrittenSpan, digest);
        return Convert.ToHexStringLower(digest[..16]);
    }

    /// <summary>Letters and digits for the end of a name.</summary>
    public string ToNameSuffix(int length)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_canonical.WrittenSpan, digest);
        Span<char> suffix = stackalloc char[length];
        for (var i = 0; i < length; i++)
        {
            suffix[i] = NameAlphabet[digest[i] % NameAlphabet.Length];
        }

        return new(suffix);
    }

    /// <summary>A number below a limit.</summary>
    public int ToNumber(int limit)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_canonical.WrittenSpan, digest);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(digest) % (uint)limit);
    }

    private StableHash AddLength(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_canonical.GetSpan(sizeof(int)), length);
        _canonical.Advance(sizeof(int));
        return this;
    }
}
