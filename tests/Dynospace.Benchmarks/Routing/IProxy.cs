namespace Dynospace.Benchmarks.Routing;

/// <summary>What is measured: it stands between the load and the origin.</summary>
internal interface IProxy : IAsyncDisposable
{
    string Name { get; }

    int Port { get; }

    /// <summary>Where it serves the same over TLS.</summary>
    int TlsPort { get; }

    TimeSpan ProcessorTime { get; }

    long ResidentBytes { get; }
}
