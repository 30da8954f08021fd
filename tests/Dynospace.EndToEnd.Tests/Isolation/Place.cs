namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>A place beyond the cluster.</summary>
/// <param name="Name">A row's or a column's name.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Run">A command, here, that runs the shell script given to it as a last argument over there; null for a
/// place that only answers.</param>
internal sealed record Place(string Name, string? Address, IReadOnlyList<string>? Run);
