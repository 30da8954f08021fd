namespace Dynospace.Benchmarks.Routing;

/// <summary>What is measured: it stands between the load and the origin.</summary>
internal interface IProxy : IAsyncDisposable
{
    string Name { get; }

    int Port { get; }

    TimeSpan ProcessorTime { get; }

    long ResidentBytes { get; }
}
