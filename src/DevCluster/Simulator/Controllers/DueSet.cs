namespace DevCluster.Simulator.Controllers;

/// <summary>A set of due keys, in the order in which they were added.</summary>
internal sealed class DueSet<TKey>
    where TKey : notnull
{
    private readonly HashSet<TKey> _known = [];
    private readonly List<TKey> _order = [];

    public void Add(TKey key)
    {
        if (_known.Add(key))
        {
            _order.Add(key);
        }
    }

    /// <summary>
    /// Removes all keys and passes each to <paramref name="act"/>; keys added meanwhile remain for the next call.
    /// </summary>
    public bool Drain(Action<TKey> act)
    {
        if (_order.Count == 0)
        {
            return false;
        }

        TKey[] batch = [.. _order];
        _order.Clear();
        _known.Clear();
        foreach (var key in batch)
        {
            act(key);
        }

        return true;
    }
}
