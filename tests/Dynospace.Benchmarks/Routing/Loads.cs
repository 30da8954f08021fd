namespace Dynospace.Benchmarks.Routing;

/// <summary>How a load asks.</summary>
internal enum LoadKind
{
    /// <summary>GET over plain HTTP/1.1, by wrk.</summary>
    Get,

    /// <summary>POST of 1 kB over plain HTTP/1.1, by wrk.</summary>
    Post,

    /// <summary>GET over TLS with HTTP/1.1, by wrk.</summary>
    Tls,

    /// <summary>GET over TLS with HTTP/2, 16 streams a connection, by h2load.</summary>
    Http2,

    /// <summary>Messages that are echoed over WebSockets, by this process.</summary>
    WebSocket,
}

/// <summary>A kind of load.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Kind">How it asks.</param>
/// <param name="Path">What it asks for.</param>
/// <param name="Connections">Connections that are kept.</param>
/// <param name="RateAim">The part of nginx's rate that is aimed at.</param>
internal sealed record Load(string Name, LoadKind Kind, string Path, int Connections, double RateAim)
{
    public static IReadOnlyList<Load> All { get; } =
    [
        new("GET 1 kB, 64 connections", LoadKind.Get, Origin.Small, 64, 0.97),
        new("POST 1 kB, 64 connections", LoadKind.Post, Origin.Upload, 64, 0.85),
        new("GET 1 kB, 1,000 connections", LoadKind.Get, Origin.Small, 1_000, 0.8),
        new("GET 1 MB, 64 connections", LoadKind.Get, Origin.Large, 64, 0.7),
        new("TLS, HTTP/1.1, 1 kB, 64 connections", LoadKind.Tls, Origin.Small, 64, 0.7),
        new("TLS, HTTP/2, 1 kB, 16 connections", LoadKind.Http2, Origin.Small, 16, 0.7),
        new("WebSocket echo, 125 bytes, 64 connections", LoadKind.WebSocket, EchoOrigin.Path, 64, 0.7),
    ];

    public Task<LoadResult> RunAsync(
        IProxy proxy, Workplace place, TimeSpan duration, CancellationToken cancellationToken) =>
        Kind switch
        {
            LoadKind.Http2 => H2Load.RunAsync(proxy, this, duration, cancellationToken),
            LoadKind.WebSocket => WebSocketLoad.RunAsync(proxy, this, duration, cancellationToken),
            _ => Wrk.RunAsync(proxy, this, place, duration, cancellationToken),
        };
}

/// <summary>What a proxy did under a load.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="Median">Latency.</param>
/// <param name="Slow">The 99th percentile of it.</param>
/// <param name="Requests">All that were answered.</param>
/// <param name="Errors">Connections that failed, time-outs, and answers other than 2xx and 3xx.</param>
/// <param name="ProcessorTime">Of the proxy, for each request.</param>
/// <param name="ResidentBytes">Of the proxy, at the end.</param>
internal sealed record LoadResult(
    double Rate, TimeSpan Median, TimeSpan Slow, long Requests, long Errors, TimeSpan ProcessorTime, long ResidentBytes)
{
    /// <summary>The median of each figure.</summary>
    public static LoadResult MedianOf(IReadOnlyList<LoadResult> rounds) => new(
        Middle.Of(rounds, round => round.Rate),
        TimeSpan.FromTicks((long)Middle.Of(rounds, round => round.Median.Ticks)),
        TimeSpan.FromTicks((long)Middle.Of(rounds, round => round.Slow.Ticks)),
        rounds.Sum(round => round.Requests),
        rounds.Sum(round => round.Errors),
        TimeSpan.FromTicks((long)Middle.Of(rounds, round => round.ProcessorTime.Ticks)),
        (long)Middle.Of(rounds, round => round.ResidentBytes));
}

/// <summary>The median, which of an even number of rounds is the mean of the two in the middle.</summary>
internal static class Middle
{
    public static double Of<T>(IReadOnlyCollection<T> rounds, Func<T, double> figure)
    {
        var sorted = rounds.Select(figure).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
