namespace Dynospace.Cli.Platform;

/// <summary>A space and its apps.</summary>
internal sealed record SpaceNode(Row Row, IReadOnlyList<AppNode> Apps);
