namespace Dynospace.Benchmarks.Measurements;

/// <summary>How the raw writes went.</summary>
internal sealed record RawRun(TimeSpan Duration, int Writes, ProcessorUse Others);
