namespace Dynospace.Benchmarks.Reports;

/// <summary>One line of the report.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The result with its unit.</param>
/// <param name="Aim">What it should be; null for a line that only explains another.</param>
/// <param name="IsMet">Whether it is.</param>
internal sealed record Figure(string Name, string Value, string? Aim = null, bool IsMet = true);
