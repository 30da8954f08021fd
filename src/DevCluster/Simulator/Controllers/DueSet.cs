namespace DevCluster.Simulator.Controllers;

/// <summary>Keys that are due, each once however often it was named, in the order of naming.</summary>
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
    /// Takes everything out and hands it to <paramref name="act"/>; what becomes due meanwhile is left for the next
    /// time.
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
