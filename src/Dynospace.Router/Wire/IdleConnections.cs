namespace Dynospace.Router.Wire;

/// <summary>A dyno's kept connections, the last used first, so that those beyond need grow old.</summary>
internal sealed class IdleConnections(TimeProvider clock, TimeSpan longest)
{
    private readonly Lock _lock = new();
    private readonly List<DynoConnection> _connections = [];
    private int _generation;
    private bool _isClosed;

    /// <summary>What a connection that is made now belongs to.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>One that is open still; null when there is none.</summary>
    public DynoConnection? Take()
    {
        while (Last() is { } connection)
        {
            if (!connection.IsSpent)
            {
                return connection;
            }

            connection.Dispose();
        }

        return null;
    }

    public void Keep(DynoConnection connection)
    {
        connection.IdleSince = clock.GetTimestamp();
        lock (_lock)
        {
            if (!_isClosed && connection.Generation == _generation)
            {
                _connections.Add(connection);
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>
    /// Lets go of all connections as old as this one, which turned out dead: a dyno that ends closes them all. Those that carry a request
    /// are not kept after it.
    /// </summary>
    public void LetGo(DynoConnection dead)
    {
        lock (_lock)
        {
            if (dead.Generation == _generation)
            {
                _generation++;
                Clear();
            }
        }
    }

    /// <summary>Ends those that were idle for long or that the dyno closed.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            _connections.RemoveAll(connection =>
            {
                var isOver = connection.IsSpent || clock.GetElapsedTime(connection.IdleSince) >= longest;
                if (isOver)
                {
                    connection.Dispose();
                }

                return isOver;
            });
        }
    }

    /// <summary>Keeps none from now on.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Clear();
        }
    }

    private DynoConnection? Last()
    {
        lock (_lock)
        {
            if (_connections is not [.., var last])
            {
                return null;
            }

            _connections.RemoveAt(_connections.Count - 1);
            return last;
        }
    }

    private void Clear()
    {
        _connections.ForEach(connection => connection.Dispose());
        _connections.Clear();
    }
}
