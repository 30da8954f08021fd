namespace Dynospace.Benchmarks.Servers;

/// <summary>The API server that operator and raw client are measured on.</summary>
internal interface IBenchmarkServer : IAsyncDisposable
{
    /// <summary>What it is, for the report.</summary>
    string Description { get; }

    string KubeconfigFile { get; }

    /// <summary>What the server has used so far; null where it is not ours to see.</summary>
    TimeSpan? ProcessorTime { get; }

    /// <summary>Whether pods become ready there.</summary>
    bool RunsPods { get; }

    /// <summary>Whether Deployments get pods there and what has lost its owner goes.</summary>
    bool HasControllers { get; }
}
