using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Dynospace.Runtime.Applying;

/// <summary>
/// Remembers what comparing found, so that a steady cluster costs neither writes nor much work: which cached instances are as desired, and
/// which differences an apply cannot remove, since the server writes the same thing in another way.
/// </summary>
internal sealed class SettledObjects
{
    private const int MostDifferences = 10_000;

    /// <summary>By cached instance: forgotten when the cache drops it.</summary>
    private readonly ConditionalWeakTable<object, string> _instances = [];
    private readonly ConcurrentDictionary<ObjectReference, (string Hash, ContentDifference Difference)> _differences = new();

    public bool IsAsDesired(LiveObject live, string hash) => _instances.TryGetValue(live.Source, out var settled) && settled == hash;

    public void MarkAsDesired(LiveObject live, string hash) => _instances.AddOrUpdate(live.Source, hash);

    /// <summary>Whether an apply of the same content was tried on the same difference, and changed nothing.</summary>
    public bool IsFutile(ObjectReference reference, string hash, ContentDifference? difference) =>
        difference is not null && _differences.TryGetValue(reference, out var known) && known == (hash, difference);

    public void MarkFutile(ObjectReference reference, string hash, ContentDifference difference)
    {
        if (_differences.Count >= MostDifferences)
        {
            // Each costs one apply that changes nothing to find again.
            _differences.Clear();
        }

        _differences[reference] = (hash, difference);
    }
}
