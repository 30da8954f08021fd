using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Proxying;

/// <summary>
/// Refuses requests that the server accepts but the platform does not, above all those that a dyno's server might parse
/// differently from this router.
/// </summary>
internal static class RequestCheck
{
    private const int MaxRequestLine = 8_192;
    private const int MaxHeaders = 1_000;
    private const int MaxHeaderName = 1_000;
    private const int MaxHeader = 8_192;

    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c != '\t').Append(127).Select(c => (char)c)]);

    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>The error of an invalid request; null if it is valid.</summary>
    public static RouterError? Find(HttpContext context)
    {
        var request = context.Request;
        var headers = request.Headers;
        if (MethodError(context) is { } wrongMethod)
        {
            return wrongMethod;
        }

        if (LineLength(context) > MaxRequestLine)
        {
            return RouterErrors.RequestLineTooLong;
        }

        if (HeadersError(headers) is { } wrongHeaders)
        {
            return wrongHeaders;
        }

        if (ClientConnection.HasBadLength(context))
        {
            return RouterErrors.BadRequest;
        }

        if (FramingError(request, headers) is { } wrongFraming)
        {
            return wrongFraming;
        }

        var expect = headers.Expect;
        if (expect.Count > 0 && !string.Equals(expect.ToString(), "100-continue", StringComparison.OrdinalIgnoreCase))
        {
            return RouterErrors.ExpectationFailed;
        }

        return headers.Host.Count == 1 && headers.Host[0] is { Length: > 0 }
            ? UpgradeError(context, headers)
            : RouterErrors.BadRequest;
    }

    /// <summary>The length of the request line; for HTTP/2, as it would be in HTTP/1.1.</summary>
    private static int LineLength(HttpContext context) =>
        context.Request.Method.Length
        + context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length
        + "  HTTP/1.1\r\n".Length;

    private static RouterError? MethodError(HttpContext context)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsConnect(method))
        {
            var extended = context.Features.Get<IHttpExtendedConnectFeature>();
            return extended is { IsExtendedConnect: true, Protocol: "websocket" }
                ? null
                : RouterErrors.MethodNotAllowed;
        }

        return method.AsSpan().ContainsAnyExcept(Token) ? RouterErrors.BadRequest : null;
    }

    private static RouterError? HeadersError(IHeaderDictionary headers)
    {
        var count = 0;
        foreach (var (name, values) in headers)
        {
            count += values.Count;
            if (name.Length > MaxHeaderName)
            {
                return RouterErrors.HeadersTooLarge;
            }

            if (name.Length == 0 || name.AsSpan(name[0] == ':' ? 1 : 0).ContainsAnyExcept(Token))
            {
                return RouterErrors.BadRequest;
            }

            foreach (var value in values)
            {
                if (name.Length + value!.Length + 2 > MaxHeader)
                {
                    return RouterErrors.HeadersTooLarge;
                }

                if (value.AsSpan().ContainsAny(Controls))
                {
                    return RouterErrors.BadRequest;
                }
            }
        }

        return count > MaxHeaders ? RouterErrors.HeadersTooLarge : null;
    }

    /// <summary>
    /// The end of a body must be stated in exactly one way. Kestrel renames a Content-Length next to a
    /// Transfer-Encoding to X-Content-Length, and accepts other codings before chunked.
    /// </summary>
    private static RouterError? FramingError(HttpRequest request, IHeaderDictionary headers)
    {
        var encoding = headers.TransferEncoding;
        if (encoding.Count == 0)
        {
            return null;
        }

        if (encoding.Count > 1
            || !HttpProtocol.IsHttp11(request.Protocol)
            || headers.ContainsKey("X-Content-Length")
            || headers.ContentLength is not null)
        {
            return RouterErrors.BadRequest;
        }

        return string.Equals(encoding[0], "chunked", StringComparison.OrdinalIgnoreCase)
            ? null
            : RouterErrors.NotImplemented;
    }

    /// <summary>
    /// A WebSocket handshake that has lost its Upgrade header: a proxy in front of the router does not support
    /// WebSockets (H23).
    /// </summary>
    private static RouterError? UpgradeError(HttpContext context, IHeaderDictionary headers)
    {
        if (HttpMethods.IsConnect(context.Request.Method))
        {
            return null;
        }

        var isUpgrade = context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };
        if (!isUpgrade)
        {
            return StringValues.IsNullOrEmpty(headers.SecWebSocketKey) ? null : RouterErrors.EndpointMisconfigured;
        }

        return UpgradeRequest.IsWebSocket(headers) && !HttpMethods.IsGet(context.Request.Method)
            ? RouterErrors.BadRequest
            : null;
    }
}

/// <summary>Which protocol a client wants to upgrade to.</summary>
internal static class UpgradeRequest
{
    public static bool IsWebSocket(IHeaderDictionary headers) =>
        string.Equals(headers.Upgrade.ToString(), "websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// HTTP/2 ends at the router: a dyno that accepted an upgrade to it would serve unchecked requests.
    /// </summary>
    public static bool IsHttp2(IHeaderDictionary headers) =>
        headers.Upgrade.ToString().Contains("h2c", StringComparison.OrdinalIgnoreCase);
}
