namespace Dynospace.Benchmarks.Routing;

/// <summary>What a proxy did under a load.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="Median">Latency.</param>
/// <param name="Slow">The 99th percentile of it.</param>
/// <param name="Requests">All that were answered.</param>
/// <param name="Errors">Connections that failed, time-outs, and answers other than 2xx and 3xx.</param>
/// <param name="ProcessorTime">Of the proxy, for each request.</param>
/// <param name="ResidentBytes">Of the proxy, at the end.</param>
internal sealed record LoadResult(
    double Rate, TimeSpan Median, TimeSpan Slow, long Requests, long Errors, TimeSpan ProcessorTime, long ResidentBytes);
