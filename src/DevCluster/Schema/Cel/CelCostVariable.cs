namespace DevCluster.Schema.Cel;

/// <summary>What is known of a fold's variable when costs are reckoned.</summary>
/// <param name="Path">How the schema's root leads to it; null when it does not.</param>
internal sealed record CelCostVariable(
    string Name, IReadOnlyList<string>? Path, CelCostRange? Size, CelEntrySize? Entries);
