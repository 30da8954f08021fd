namespace Dynospace.Benchmarks;

/// <summary>What to measure, on what, and how often.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>Whether a real API server is measured rather than the dev cluster.</summary>
    public bool IsReal { get; init; }

    public int Apps { get; init; } = 100;

    /// <summary>Of each app.</summary>
    public int Dynos { get; init; } = 10;

    /// <summary>Alternating rounds of operator and raw client; the best of each counts.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Quantity changes whose reaction is measured.</summary>
    public int Changes { get; init; } = 200;

    /// <summary>How long the steady state is watched.</summary>
    public TimeSpan Steady { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Requests that the raw client and the applying of Apps have under way at once: as many as the operator has
    /// workers.
    /// </summary>
    public int Parallelism { get; init; } = 14;

    /// <summary>The file for a table in Markdown; null for none.</summary>
    public string? Markdown { get; init; }

    public int Total => Apps * Dynos;
}
