using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Dynospace.Router.Proxying;

/// <summary>The request path's state of a client's connection, stored as a feature of it.</summary>
public sealed class ClientConnection
{
    private volatile RouterError? _end;

    /// <summary>Why the router ends the connection before its requests are over; null if it does not.</summary>
    public RouterError? End
    {
        get => _end;
        set => _end = value;
    }

    /// <summary>
    /// Set when a request was answered before its body was read. The connection ends with it, so errors that the server
    /// still finds belong to no other request.
    /// </summary>
    public bool IsSpent { get; set; }

    /// <summary>The streams of an HTTP/2 connection; null for HTTP/1.1.</summary>
    public Http2Streams? Streams { get; set; }

    /// <summary>
    /// Why a request lost its connection or stream: the router ended it, the client broke a rule, or the client left.
    /// </summary>
    public static RouterError EndOf(HttpContext context) =>
        context.Features.Get<ClientConnection>() is not { } connection ? RouterErrors.ClientInterrupted
        : connection.End is { } reason ? reason
        : connection.Streams?.IsBroken(context) == true ? RouterErrors.BadRequest
        : RouterErrors.ClientInterrupted;

    /// <summary>
    /// Claims a request that the request path will log. False if the server has refused it in the meantime, which
    /// happens with HTTP/2, and it is already logged.
    /// </summary>
    public static bool TryClaim(IFeatureCollection features, string protocol)
    {
        features.Set(ClaimedRequest.Instance);
        return !HttpProtocol.IsHttp2(protocol) || TryClaimStream(features);
    }

    /// <summary>Claims a request that the server refuses; false if the request path has claimed it before.</summary>
    public static bool TryClaimRefused(IFeatureCollection features) =>
        features.Get<ClaimedRequest>() is null
            && features.Get<ClientConnection>()?.IsSpent != true && TryClaimStream(features);

    /// <summary>Makes the current request the last one on its connection.</summary>
    public static void Spend(IFeatureCollection features)
    {
        if (features.Get<ClientConnection>() is { } connection)
        {
            connection.IsSpent = true;
            features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    /// <summary>Whether a request has an invalid Content-Length.</summary>
    public static bool HasBadLength(HttpContext context) =>
        HttpProtocol.IsHttp2(context.Request.Protocol)
        && context.Request.ContentLength is { } length
        && context.Features.Get<ClientConnection>()?.Streams?.TakeBadLength(length) == true;

    private static bool TryClaimStream(IFeatureCollection features) =>
        features.Get<IHttp2StreamIdFeature>() is not { } id
        || features.Get<ClientConnection>()?.Streams is not { } streams
        || streams.TryClaim(id.StreamId);
}

/// <summary>A feature of a request that the request path logs: the server may refuse its body later.</summary>
internal sealed class ClaimedRequest
{
    public static ClaimedRequest Instance { get; } = new();
}

/// <summary>
/// The streams of an HTTP/2 connection, as far as logging needs them. Server and request path may handle a stream at
/// the same time; the first to claim it logs its request.
/// </summary>
public sealed class Http2Streams
{
    /// <summary>How many streams are remembered: older ones cannot be refused any more.</summary>
    private const int Remembered = 512;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _claimed = [];
    private readonly Queue<int> _order = new();
    private readonly HashSet<int> _broken = [];
    private List<long>? _badLengths;

    /// <summary>Claims a stream; false if it was claimed before.</summary>
    public bool TryClaim(int stream)
    {
        lock (_lock)
        {
            if (!_claimed.Add(stream))
            {
                return false;
            }

            _order.Enqueue(stream);
            if (_order.Count > Remembered)
            {
                var oldest = _order.Dequeue();
                _claimed.Remove(oldest);
                _broken.Remove(oldest);
            }

            return true;
        }
    }

    /// <summary>Records that the server ends a stream because the client broke a rule.</summary>
    public void Break(int stream)
    {
        lock (_lock)
        {
            if (_broken.Count < Remembered)
            {
                _broken.Add(stream);
            }
        }
    }

    public bool IsBroken(HttpContext context)
    {
        lock (_lock)
        {
            return context.Features.Get<IHttp2StreamIdFeature>() is { } id && _broken.Contains(id.StreamId);
        }
    }

    /// <summary>
    /// Records the length that was made of an invalid Content-Length. The stream is not known yet. Two streams of a
    /// connection with the same length may be mixed up, which harms only the client itself: the request to the dyno is
    /// valid either way.
    /// </summary>
    public void AddBadLength(long length)
    {
        lock (_lock)
        {
            _badLengths ??= [];
            if (_badLengths.Count < Remembered)
            {
                _badLengths.Add(length);
            }
        }
    }

    public bool TakeBadLength(long length)
    {
        if (Volatile.Read(ref _badLengths) is null)
        {
            return false;
        }

        lock (_lock)
        {
            return _badLengths!.Remove(length);
        }
    }
}
