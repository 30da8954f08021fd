using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Dynospace.Api;

namespace Dynospace.Planning.Pods;

/// <summary>
/// The labels of a dyno's pod that decide who reaches it: those of Dynospace, and the recommended ones that the
/// operator sets. A cache keeps a digest of them, since there are as many pods as dynos.
/// </summary>
public static class PodLabels
{
    private const string Prefix = DynospaceGroup.Name + "/";

    // 64-bit FNV-1a. It finds changes by accident or by hand, and need not withstand a search for collisions: who could
    // search may write labels of pods anyhow.
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

    /// <summary>Equal for labels that agree in all of those, in any order.</summary>
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
    /// The same of a pod's JSON, where it costs no memory: names and values of labels have no escapes.
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
