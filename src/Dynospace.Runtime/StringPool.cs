using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Dynospace.Runtime;

/// <summary>
/// Shares equal strings: nearly all labels, namespaces, images and owners of thousands of pods are the same few. Unlike
/// <see cref="string.Intern"/> it forgets, so that short-lived names do not fill the memory.
/// </summary>
public sealed class StringPool(int capacity = 65_536)
{
    private const int LongestText = 256;

    private ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>Counted here, since the dictionary's own count takes all of its locks.</summary>
    private int _count;

    /// <summary>The pool that default decoding uses.</summary>
    public static StringPool Shared { get; } = new();

    /// <summary>The pooled string that equals this one.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public string? Get(string? text)
    {
        if (text is null || text.Length == 0 || text.Length > LongestText)
        {
            return text;
        }

        var texts = _texts;
        if (texts.TryGetValue(text, out var pooled))
        {
            return pooled;
        }

        if (Interlocked.Increment(ref _count) > capacity)
        {
            // Starting over is simpler than evicting and costs only some sharing: values in use keep their strings.
            Interlocked.Exchange(ref _texts, texts = new ConcurrentDictionary<string, string>(StringComparer.Ordinal));
            Volatile.Write(ref _count, 1);
        }

        return texts.GetOrAdd(text, text);
    }

    /// <summary>The pooled string of a member; null when there is none.</summary>
    public string? Get(JsonElement element, string name) => Get(JsonMembers.Text(element, name));
}
