namespace DevCluster.Schema.Cel;

/// <summary>What is wrong with an expression, and where.</summary>
/// <param name="Offset">UTF-16 offset into the text.</param>
internal sealed record CelIssue(int Offset, string Message);
