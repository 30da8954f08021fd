using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Dynospace.Router.Logging;
using Dynospace.Router.Proxying;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Frontend;

/// <summary>
/// Observes HTTP/2 requests that the server ends before, or instead of, the request path. Unlike for HTTP/1.1, the
/// server raises no event for them, and it answers most by resetting their stream; its log messages are the only sign.
/// </summary>
internal sealed class Http2Observer(RequestLedger ledger, ILoggerFactory inner) : ILoggerFactory
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel.Http2";
    private const int BadRequest = 400;

    private readonly ConcurrentDictionary<string, Observed> _connections = new(StringComparer.Ordinal);

    /// <summary>Connection middleware behind TLS.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var protocol = connection.Features.Get<ITlsApplicationProtocolFeature>();
        if (protocol?.ApplicationProtocol.Span.SequenceEqual("h2"u8) != true
            || connection.Features.Get<ClientConnection>() is not { } client)
        {
            await next(connection);
            return;
        }

        var streams = client.Streams = new();
        _connections[connection.ConnectionId] = new(connection, streams);
        ContentLengthEncoding.Streams = streams;
        try
        {
            await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection.ConnectionId, out _);
        }
    }

    public ILogger CreateLogger(string categoryName) =>
        categoryName == Category
            ? new Http2Logger(this, inner.CreateLogger(categoryName))
            : inner.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The inner factory belongs to its creator.
    }

    private void OnEvent(string? name, object? state, Exception? exception)
    {
        switch (name)
        {
            case "Http2StreamError" when StreamOf(exception) is { } stream
                && Find(Value(state, "ConnectionId")) is { } observed:
                observed.Streams.Break(stream);
                Refuse(observed, stream);
                break;
            case "Http2StreamResetAbort" when Value(state, "TraceIdentifier") is { } trace
                && trace.LastIndexOf(':') is > 0 and var colon:
                if (Find(trace[..colon]) is { } reset
                    && int.TryParse(
                        trace.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id))
                {
                    Refuse(reset, id);
                }

                break;
            case "Http2ConnectionError" or "HPackDecodingError" when Find(Value(state, "ConnectionId")) is { } broken:
                Write(broken);
                break;
        }
    }

    private void Refuse(Observed observed, int stream)
    {
        if (observed.Streams.TryClaim(stream))
        {
            Write(observed);
        }
    }

    private void Write(Observed observed)
    {
        var tls = TlsFacts.FromFeatures(observed.Connection.Features);
        var address = (observed.Connection.RemoteEndPoint as IPEndPoint)?.Address;
        ledger.Refused(new RequestRecord
        {
            Error = RouterErrors.BadRequest,
            Method = "",
            Target = "",
            Forwarded = address is { IsIPv4MappedToIPv6: true }
                ? address.MapToIPv4().ToString()
                : address?.ToString() ?? "",
            Status = BadRequest,
            IsTls = true,
            TlsVersion = tls.Protocol,
        });
    }

    private Observed? Find(string? connection) =>
        connection is not null ? _connections.GetValueOrDefault(connection) : null;

    /// <summary>The exception's type is internal to the server; only its stream number is needed.</summary>
    private static int? StreamOf(Exception? exception) =>
        exception?.GetType().GetProperty("StreamId")?.GetValue(exception) as int?;

    private static string? Value(object? state, string name) =>
        state is IEnumerable<KeyValuePair<string, object?>> values
            ? values.FirstOrDefault(value => value.Key == name).Value as string
            : null;

    private sealed record Observed(ConnectionContext Connection, Http2Streams Streams);

    private sealed class Http2Logger(Http2Observer observer, ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug || inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            observer.OnEvent(eventId.Name, state, exception);
            if (inner.IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
