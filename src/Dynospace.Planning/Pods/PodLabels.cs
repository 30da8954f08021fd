using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Dynospace.Api;

namespace Dynospace.Planning.Pods;

/// <summary>
/// The labels of a dyno's pod by which policies and Services select it: those of Dynospace, and the recommended ones
/// that the operator sets. The cache keeps only a digest of them, to save memory.
/// </summary>
public static class PodLabels
{
    private const string Prefix = DynospaceGroup.Name + "/";

    // 64-bit FNV-1a. It detects accidental and manual changes. It need not resist a search for collisions, since users
    // who could exploit one may write labels of pods anyway.
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private static readonly string[] Recommended =
        [Labels.Name, Labels.ManagedBy, Labels.PartOf, Labels.ComponentName];

    /// <summary>Whether a label is one of those.</summary>
    public static bool IsOurs(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(Prefix, StringComparison.Ordinal) || Recommended.Contains(name);
    }

    /// <summary>The digest of these labels, in any order.</summary>
    public static ulong Digest(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var digest = 0UL;
        foreach (var (name, value) in labels)
        {
            digest += IsOurs(name) ? Hash(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value)) : 0;
        }

        return digest;
    }

    /// <summary>
    /// The digest of labels in JSON, without allocations, since names and values of labels contain no escapes.
    /// </summary>
    internal static ulong Digest(JsonElement labels)
    {
        var digest = 0UL;
        if (labels.ValueKind == JsonValueKind.Object)
        {
            foreach (var label in labels.EnumerateObject())
            {
                var name = JsonMarshal.GetRawUtf8PropertyName(label);
                var value = JsonMarshal.GetRawUtf8Value(label.Value);
                digest += IsOurs(name) ? Hash(name, value.Trim((byte)'"')) : 0;
            }
        }

        return digest;
    }

    private static bool IsOurs(ReadOnlySpan<byte> name)
    {
        if (name.StartsWith("dynospace.dev/"u8))
        {
            return true;
        }

        foreach (var known in Recommended)
        {
            if (Ascii.Equals(name, known))
            {
                return true;
            }
        }

        return false;
    }

    private static ulong Hash(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Add(Add(Add(Basis, name), "="u8), value);

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            hash = unchecked((hash ^ b) * Prime);
        }

        return hash;
    }
}
