namespace Dynospace.Cli.Platform;

/// <summary>An app and its dynos.</summary>
internal sealed record AppNode(Row Row, IReadOnlyList<Row> Dynos);
