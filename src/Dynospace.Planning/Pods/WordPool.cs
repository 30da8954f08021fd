using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Dynospace.Planning.Pods;

/// <summary>
/// One instance of words that thousands of pods repeat: namespaces, nodes, labels, reasons. It does not change what
/// anything means, so planning stays pure; it is bounded, so that names which never come back do not pile up.
/// </summary>
internal static class WordPool
{
    private const int Capacity = 16_384;
    private static readonly ConcurrentDictionary<string, string> Words = new(StringComparer.Ordinal);

    [return: NotNullIfNotNull(nameof(word))]
    public static string? Shared(string? word)
    {
        if (word is null)
        {
            return null;
        }

        if (Words.TryGetValue(word, out var known))
        {
            return known;
        }

        if (Words.Count >= Capacity)
        {
            Words.Clear();
        }

        return Words.GetOrAdd(word, word);
    }
}
