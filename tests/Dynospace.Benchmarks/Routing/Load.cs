namespace Dynospace.Benchmarks.Routing;

/// <summary>A kind of load.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Path">What is asked for.</param>
/// <param name="Connections">Connections that are kept, each with one request at a time.</param>
internal sealed record Load(string Name, string Path, int Connections)
{
    public static IReadOnlyList<Load> All { get; } =
    [
        new("1 kB, 64 connections", Origin.Small, 64),
        new("1 kB, 1,000 connections", Origin.Small, 1_000),
        new("1 MB, 64 connections", Origin.Large, 64),
    ];
}
