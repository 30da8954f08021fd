namespace Dynospace.Runtime.Control;

/// <summary>
/// Keys that are ready, in two lanes: what happened just now goes before what was put off, which is mostly a status. Now and then the
/// other lane gets a turn, so that a storm of changes delays it and never stops it. Not thread-safe.
/// </summary>
internal sealed class ReadyLanes
{
    /// <summary>One of so many turns is the patient lane's, whatever waits in the urgent one.</summary>
    public const int PatientShare = 8;

    private readonly Queue<ObjectKey> _urgent = new();
    private readonly Queue<ObjectKey> _patient = new();
    private readonly Dictionary<ObjectKey, bool> _waiting = [];
    private int _turns;

    public int Count => _waiting.Count;

    /// <summary>Adds a key, or moves one from the patient lane to the urgent one.</summary>
    /// <returns>Whether it did not wait before.</returns>
    public bool Add(ObjectKey key, bool isUrgent)
    {
        var isNew = !_waiting.TryGetValue(key, out var wasUrgent);
        if (isNew || (isUrgent && !wasUrgent))
        {
            // The entry that a key leaves behind in the patient lane is passed over when its turn comes.
            _waiting[key] = isUrgent;
            (isUrgent ? _urgent : _patient).Enqueue(key);
        }

        return isNew;
    }

    /// <summary>The next key; there must be one.</summary>
    public ObjectKey Take()
    {
        var isPatientsTurn = ++_turns % PatientShare == 0;
        var key = (isPatientsTurn ? TryTake(_patient, isUrgent: false) : null)
            ?? TryTake(_urgent, isUrgent: true)
            ?? TryTake(_patient, isUrgent: false)
            ?? throw new InvalidOperationException("No key waits.");
        _waiting.Remove(key);
        return key;
    }

    private ObjectKey? TryTake(Queue<ObjectKey> lane, bool isUrgent)
    {
        while (lane.TryDequeue(out var key))
        {
            if (_waiting.TryGetValue(key, out var current) && current == isUrgent)
            {
                return key;
            }
        }

        return null;
    }
}
