using System.Collections.Concurrent;

namespace Dynospace.Runtime.Applying;

/// <summary>
/// Remembers which objects another program changes as soon as they are written, so that they are rewritten at a slow
/// pace, however often their owners are reconciled. An object is forgotten when a write persists.
/// </summary>
/// <param name="shortest">The first pause; each further one doubles it.</param>
/// <param name="longest">The longest pause.</param>
/// <param name="clock">The clock.</param>
public sealed class ContestedObjects(TimeSpan shortest, TimeSpan longest, TimeProvider clock)
{
    private const int MostObjects = 10_000;

    private readonly ConcurrentDictionary<ObjectReference, (string Content, TimeSpan Pause, DateTimeOffset Next)>
        _known = new();

    /// <summary>How long to wait before writing the same content; null if it may be written now.</summary>
    public TimeSpan? WaitFor(ObjectReference reference, string content) =>
        _known.TryGetValue(reference, out var known) && known.Content == content
        && known.Next - clock.GetUtcNow() is var left && left > TimeSpan.Zero
            ? left
            : null;

    /// <summary>Begins the next pause of an object. With other content the first pause begins.</summary>
    public void Add(ObjectReference reference, string content)
    {
        if (_known.Count >= MostObjects)
        {
            _known.Clear();
        }

        var pause = _known.TryGetValue(reference, out var known) && known.Content == content
            ? TimeSpan.FromTicks(Math.Min(known.Pause.Ticks * 2, longest.Ticks))
            : shortest;
        _known[reference] = (content, pause, clock.GetUtcNow() + pause);
    }

    /// <summary>Forgets an object whose content is as it was written.</summary>
    public void Remove(ObjectReference reference) => _known.TryRemove(reference, out _);
}
