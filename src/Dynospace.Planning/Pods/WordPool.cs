using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Dynospace.Planning.Pods;

/// <summary>
/// Shares one string instance for words that thousands of pods repeat: namespaces, nodes, labels and reasons. It does
/// not affect results, so planning stays pure. It is bounded, so that names that never return do not accumulate.
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
