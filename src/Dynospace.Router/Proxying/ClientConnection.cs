using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Dynospace.Router.Proxying;

/// <summary>What the request path wants to know of the connection that a request came on; a feature of that.</summary>
public sealed class ClientConnection
{
    private volatile RouterError? _end;

    /// <summary>Why the router ends the connection, when it does so before its requests are over.</summary>
    public RouterError? End
    {
        get => _end;
        set => _end = value;
    }

    /// <summary>
    /// Set when a request was answered before its body was read. The connection ends with it: what the server still
    /// finds wrong with the rest is no other request's.
    /// </summary>
    public bool IsSpent { get; set; }

    /// <summary>Of an HTTP/2 connection.</summary>
    public Http2Streams? Streams { get; set; }

    /// <summary>
    /// Why a request lost its connection or stream: the router's reason, the client's mistake, or the client has left.
    /// </summary>
    public static RouterError EndOf(HttpContext context) =>
        context.Features.Get<ClientConnection>() is not { } connection ? RouterErrors.ClientInterrupted
        : connection.End is { } reason ? reason
        : connection.Streams?.IsBroken(context) == true ? RouterErrors.BadRequest
        : RouterErrors.ClientInterrupted;

    /// <summary>
    /// The request path claims a request that it will write down. False when the server has refused it in the
    /// meantime, as happens with HTTP/2, and that was written down.
    /// </summary>
    public static bool TryClaim(IFeatureCollection features, string protocol)
    {
        features.Set(ClaimedRequest.Instance);
        return !HttpProtocol.IsHttp2(protocol) || TryClaimStream(features);
    }

    /// <summary>Claims a request that the server refuses; false when the request path has it, or had it.</summary>
    public static bool TryClaimRefused(IFeatureCollection features) =>
        features.Get<ClaimedRequest>() is null
            && features.Get<ClientConnection>()?.IsSpent != true && TryClaimStream(features);

    /// <summary>No request follows on this connection.</summary>
    public static void Spend(IFeatureCollection features)
    {
        if (features.Get<ClientConnection>() is { } connection)
        {
            connection.IsSpent = true;
            features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    /// <summary>Whether a request gave its length in a way that is none.</summary>
    public static bool HasBadLength(HttpContext context) =>
        HttpProtocol.IsHttp2(context.Request.Protocol)
        && context.Request.ContentLength is { } length
        && context.Features.Get<ClientConnection>()?.Streams?.TakeBadLength(length) == true;

    private static bool TryClaimStream(IFeatureCollection features) =>
        features.Get<IHttp2StreamIdFeature>() is not { } id
        || features.Get<ClientConnection>()?.Streams is not { } streams
        || streams.TryClaim(id.StreamId);
}

/// <summary>
/// A feature of a request that is logged already: the server may find fault with its body after that.
/// </summary>
internal sealed class ClaimedRequest
{
    public static ClaimedRequest Instance { get; } = new();
}

/// <summary>
/// The streams of an HTTP/2 connection, for those who write requests down: the code that claims a stream first does it.
/// Server and request path look at a stream at the same time.
/// </summary>
public sealed class Http2Streams
{
    /// <summary>Streams that ended so many ago are not spoken of any more.</summary>
    private const int Remembered = 512;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _claimed = [];
    private readonly Queue<int> _order = new();
    private readonly HashSet<int> _broken = [];
    private List<long>? _badLengths;

    /// <summary>False when the stream was claimed before.</summary>
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

    /// <summary>The client broke a rule on a stream, which the server ends.</summary>
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
    /// A stream gave its length in a way that is none; this is what was made of it. Nobody knows yet which stream that
    /// is. Two of a connection with the same length may be mixed up, which is the client's own affair: what goes to
    /// the dyno is sound either way.
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
