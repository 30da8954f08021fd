using System.Buffers.Text;
using System.Text;
using Dynospace.Router.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Wire;

/// <summary>
/// The head that a dyno gets, as bytes. What it is made of was checked by <see cref="RequestCheck"/> and <see cref="RequestTarget"/>: no
/// control characters are in it. A character beyond Latin-1, which no server should have made of a request's bytes, is refused.
/// </summary>
internal sealed class RequestHead
{
    private const int Typical = 1_024;
    private const int MaxKept = 16 * 1_024;

    private byte[] _bytes = new byte[Typical];
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <exception cref="RefusedRequestException">It cannot be told in HTTP/1.1.</exception>
    public void Write(HttpRequest request, RequestFacts facts)
    {
        if (_bytes.Length > MaxKept)
        {
            _bytes = new byte[Typical];
        }

        _length = 0;
        Text(request.Method);
        Raw(" "u8);
        Text(facts.Path);
        Raw(" HTTP/1.1\r\nHost: "u8);
        Text(facts.Host);
        Raw("\r\n"u8);
        Copy(request.Headers);
        AddOwn(request, facts);
        Raw(HasLength(request.Method) ? "Content-Length: 0\r\n\r\n"u8 : "\r\n"u8);
    }

    private static bool HasLength(string method) =>
        !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method) && !HttpMethods.IsDelete(method);

    private void Copy(IHeaderDictionary headers)
    {
        var connection = headers.Connection;
        var namesHeaders = HopHeaders.NamesHeaders(connection);
        foreach (var (name, values) in headers)
        {
            if (name[0] != ':' && !HopHeaders.OfRequest.Contains(name) && !(namesHeaders && HopHeaders.IsNamed(connection, name)))
            {
                Header(name, values);
            }
        }
    }

    private void Header(string name, StringValues values)
    {
        // HTTP/2 splits cookies; HTTP/1.1 has one line for them.
        Text(name);
        Raw(": "u8);
        Text(values.Count == 1 ? values[0]!
            : string.Join(name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ", values.ToArray()));
        Raw("\r\n"u8);
    }

    private void AddOwn(HttpRequest request, RequestFacts facts)
    {
        Raw("X-Request-Id: "u8);
        Text(facts.RequestId);
        Raw("\r\nX-Forwarded-For: "u8);
        Text(facts.ForwardedFor);
        Raw(facts.IsTls ? "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: "u8 : "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: "u8);
        Text(facts.Port);
        Raw("\r\nX-Request-Start: "u8);
        Number(facts.StartedUnixMilliseconds);
        Raw("\r\nVia: "u8);
        if (request.Headers.Via is { Count: > 0 } via)
        {
            Text(via.ToString());
            Raw(", "u8);
        }

        Text(ViaValues.Request(request.Protocol));
        Raw("\r\n"u8);
    }

    private void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        _length += text.Length;
    }

    private void Text(string text)
    {
        var space = Reserve(text.Length);
        if (Ascii.FromUtf16(text, space, out _) != System.Buffers.OperationStatus.Done)
        {
            // The encoder would make look-alikes of what it does not know.
            if (text.AsSpan().ContainsAnyExceptInRange('\0', '\xff'))
            {
                throw new RefusedRequestException();
            }

            Encoding.Latin1.GetBytes(text, space);
        }

        _length += text.Length;
    }

    private void Number(long number)
    {
        Utf8Formatter.TryFormat(number, Reserve(20), out var written);
        _length += written;
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        return _bytes.AsSpan(_length);
    }
}
