using System.Security.Authentication;
using System.Text;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Logging;

/// <summary>The facts about one request for its log line.</summary>
public readonly struct RequestRecord
{
    public RouterError? Error { get; init; }

    /// <summary>
    /// The app that the request was for; null if none was found, or if the request was refused before the lookup.
    /// </summary>
    public AppRoute? Route { get; init; }

    public string Method { get; init; }
    public string Target { get; init; }
    public string? Host { get; init; }
    public string? RequestId { get; init; }
    public string Forwarded { get; init; }
    public string? Dyno { get; init; }
    public long ConnectMilliseconds { get; init; }
    public long ServiceMilliseconds { get; init; }
    public int Status { get; init; }
    public long Bytes { get; init; }
    public bool IsTls { get; init; }
    public SslProtocols TlsVersion { get; init; }
}

/// <summary>Formats the platform's log line.</summary>
public static class RequestLogLine
{
    [ThreadStatic]
    private static LogLineWriter? _writer;

    /// <summary>The line with its line end; valid until this thread formats another.</summary>
    public static ReadOnlySpan<byte> Format(in RequestRecord record)
    {
        var line = _writer ??= new();
        line.Clear();
        Outcome(line, record);
        line.Raw("method="u8);
        line.Value(record.Method);
        line.Raw(" path="u8);
        line.Quoted(record.Target);
        line.Raw(" host="u8);
        line.Value(record.Host);
        line.Raw(" request_id="u8);
        line.Value(record.RequestId);
        line.Raw(" fwd="u8);
        line.Quoted(record.Forwarded);
        Service(line, record);
        line.Raw(record.IsTls ? " protocol=https tls=true tls_version="u8 : " protocol=http tls=false tls_version="u8);
        line.Raw(TlsVersion(record));
        line.Raw("\n"u8);
        return line.Line;
    }

    private static void Outcome(LogLineWriter line, in RequestRecord record)
    {
        line.Raw(record.Error is null or { IsExpected: true } ? "at=info "u8 : "at=error "u8);
        if (record.Error is not { } error)
        {
            return;
        }

        if (error.Code is { } code)
        {
            line.Raw("code="u8);
            line.Value(code);
            line.Raw(" "u8);
        }

        line.Raw("desc="u8);
        line.Quoted(error.Description);
        line.Raw(" "u8);
    }

    /// <summary>A request that reached no dyno has no times and no bytes.</summary>
    private static void Service(LogLineWriter line, in RequestRecord record)
    {
        line.Raw(" dyno="u8);
        line.Value(record.Dyno);
        line.Raw(" connect="u8);
        Milliseconds(line, record.Dyno is not null ? record.ConnectMilliseconds : -1);
        line.Raw(" service="u8);
        Milliseconds(line, record.Dyno is not null ? record.ServiceMilliseconds : -1);
        line.Raw(" status="u8);
        line.Number(record.Status);
        line.Raw(" bytes="u8);
        if (record.Dyno is not null)
        {
            line.Number(record.Bytes);
        }
    }

    private static void Milliseconds(LogLineWriter line, long milliseconds)
    {
        if (milliseconds >= 0)
        {
            line.Number(milliseconds);
            line.Raw("ms"u8);
        }
    }

    private static ReadOnlySpan<byte> TlsVersion(in RequestRecord record) => record switch
    {
        { IsTls: false } => "unknown"u8,
        { TlsVersion: SslProtocols.Tls13 } => "tls1.3"u8,
        { TlsVersion: SslProtocols.Tls12 } => "tls1.2"u8,
        _ => Encoding.ASCII.GetBytes(record.TlsVersion.ToString().ToLowerInvariant()),
    };
}
