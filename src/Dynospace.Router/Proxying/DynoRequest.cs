using System.Security.Cryptography;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Proxying;

/// <summary>
/// Writes the head of the request to a dyno. <see cref="RequestCheck"/> and <see cref="RequestTarget"/> have checked
/// its parts: they contain no control characters.
/// </summary>
internal static class DynoRequest
{
    private const string WebSocketKey = "Sec-WebSocket-Key";
    private const int WebSocketKeyBytes = 16;

    /// <exception cref="RequestFailedException">The request cannot be expressed in HTTP/1.1.</exception>
    public static void Write(RequestHead head, HttpRequest request, RequestFacts facts)
    {
        head.Clear();
        head.Text(facts.Kind == RequestKind.ExtendedConnect ? HttpMethods.Get : request.Method);
        head.Raw(" "u8);
        head.Text(facts.Path);
        head.Raw(" HTTP/1.1\r\nHost: "u8);
        head.Text(facts.Host);
        head.Raw("\r\n"u8);
        CopyHeaders(head, request.Headers, facts.Kind);
        AddOwn(head, request, facts);
        AddFraming(head, request, facts.Kind);
        head.Raw("\r\n"u8);
    }

    /// <summary>Whether a method is idempotent.</summary>
    public static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
        || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);

    private static void CopyHeaders(RequestHead head, IHeaderDictionary headers, RequestKind kind)
    {
        var connection = headers.Connection;
        var namesHeaders = HopHeaders.NamesHeaders(connection);
        foreach (var (name, values) in headers)
        {
            if (name[0] == ':'
                || HopHeaders.OfRequest.Contains(name)
                || (namesHeaders && HopHeaders.IsNamed(connection, name))
                || (kind == RequestKind.ExtendedConnect && IsWebSocketKey(name)))
            {
                continue;
            }

            Header(head, name, values);
        }
    }

    private static bool IsWebSocketKey(string name) => name.Equals(WebSocketKey, StringComparison.OrdinalIgnoreCase);

    private static void Header(RequestHead head, string name, StringValues values)
    {
        // HTTP/2 splits cookies; HTTP/1.1 has a single Cookie header.
        head.Text(name);
        head.Raw(": "u8);
        head.Text(values.Count == 1 ? values[0]!
            : string.Join(name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ", values.ToArray()));
        head.Raw("\r\n"u8);
    }

    private static void AddOwn(RequestHead head, HttpRequest request, RequestFacts facts)
    {
        head.Raw("X-Request-Id: "u8);
        head.Text(facts.RequestId);
        head.Raw("\r\nX-Forwarded-For: "u8);
        head.Text(facts.ForwardedFor);
        head.Raw(facts.IsTls
            ? "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: "u8
            : "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: "u8);
        head.Text(facts.Port);
        head.Raw("\r\nX-Request-Start: "u8);
        head.Number(facts.StartedUnixMilliseconds);
        head.Raw("\r\nVia: "u8);
        if (request.Headers.Via is { Count: > 0 } via)
        {
            head.Text(via.ToString());
            head.Raw(", "u8);
        }

        head.Text(ViaValues.Request(request.Protocol));
        head.Raw("\r\n"u8);
    }

    private static void AddFraming(RequestHead head, HttpRequest request, RequestKind kind)
    {
        switch (kind)
        {
            case RequestKind.Plain when HasLength(request.Method):
                head.Raw("Content-Length: 0\r\n"u8);
                break;
            case RequestKind.Body when request.Headers.ContentLength is { } length:
                head.Raw("Content-Length: "u8);
                head.Number(length);
                head.Raw("\r\n"u8);
                break;
            case RequestKind.Body:
                head.Raw("Transfer-Encoding: chunked\r\n"u8);
                break;
            case RequestKind.Upgrade:
                head.Raw("Connection: Upgrade\r\nUpgrade: "u8);
                head.Text(request.Headers.Upgrade.ToString());
                head.Raw("\r\n"u8);
                break;
            case RequestKind.ExtendedConnect:
                head.Raw("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "u8);
                head.Text(Convert.ToBase64String(RandomNumberGenerator.GetBytes(WebSocketKeyBytes)));
                head.Raw("\r\n"u8);
                break;
        }
    }

    /// <summary>Whether a request without a body states that, because servers expect a body with its method.</summary>
    private static bool HasLength(string method) =>
        !HttpMethods.IsGet(method)
            && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method) && !HttpMethods.IsDelete(method);
}
