namespace Dynospace.Benchmarks.Load;

/// <summary>How a raw write is made.</summary>
internal enum RawVerb
{
    Create,
    Apply,
    ApplyStatus,
}
