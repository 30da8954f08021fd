using System.Buffers;
using System.Collections;
using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Transport;

/// <summary>
/// The features of a connection, by type. There are about ten, which a list finds as fast as a dictionary, with a
/// fraction of its memory.
/// </summary>
internal sealed class ConnectionFeatures(LoopConnection connection)
    : IFeatureCollection, IConnectionIdFeature, IConnectionItemsFeature, IConnectionTransportFeature,
        IConnectionLifetimeFeature, IConnectionEndPointFeature, IMemoryPoolFeature
{
    private readonly List<KeyValuePair<Type, object>> _others = new(8);

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    /// <inheritdoc/>
    public int Revision { get; private set; }

    string IConnectionIdFeature.ConnectionId
    {
        get => connection.ConnectionId;
        set => connection.ConnectionId = value;
    }

    IDictionary<object, object?> IConnectionItemsFeature.Items
    {
        get => connection.Items;
        set => connection.Items = value;
    }

    System.IO.Pipelines.IDuplexPipe IConnectionTransportFeature.Transport
    {
        get => connection.Transport;
        set => connection.Transport = value;
    }

    CancellationToken IConnectionLifetimeFeature.ConnectionClosed
    {
        get => connection.ConnectionClosed;
        set => connection.ConnectionClosed = value;
    }

    EndPoint? IConnectionEndPointFeature.LocalEndPoint
    {
        get => connection.LocalEndPoint;
        set => connection.LocalEndPoint = value;
    }

    EndPoint? IConnectionEndPointFeature.RemoteEndPoint
    {
        get => connection.RemoteEndPoint;
        set => connection.RemoteEndPoint = value;
    }

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => connection.MemoryPool;

    /// <inheritdoc/>
    public object? this[Type key]
    {
        get
        {
            var index = IndexOf(key);
            return index >= 0 ? _others[index].Value : IsOwn(key) ? this : null;
        }

        set
        {
            Revision++;
            var index = IndexOf(key);
            if (index >= 0)
            {
                _others.RemoveAt(index);
            }

            if (value is not null)
            {
                _others.Add(new(key, value));
            }
        }
    }

    /// <inheritdoc/>
    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    /// <inheritdoc/>
    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        foreach (var type in Own.Where(type => IndexOf(type) < 0))
        {
            yield return new(type, this);
        }

        foreach (var other in _others)
        {
            yield return other;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void IConnectionLifetimeFeature.Abort() => connection.Abort();

    private static Type[] Own { get; } =
    [
        typeof(IConnectionIdFeature), typeof(IConnectionItemsFeature), typeof(IConnectionTransportFeature),
        typeof(IConnectionLifetimeFeature), typeof(IConnectionEndPointFeature), typeof(IMemoryPoolFeature),
    ];

    private static bool IsOwn(Type key) => Array.IndexOf(Own, key) >= 0;

    private int IndexOf(Type key)
    {
        for (var i = 0; i < _others.Count; i++)
        {
            if (_others[i].Key == key)
            {
                return i;
            }
        }

        return -1;
    }
}
