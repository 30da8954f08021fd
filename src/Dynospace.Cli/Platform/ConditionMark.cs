namespace Dynospace.Cli.Platform;

/// <summary>A condition and whether it is true.</summary>
internal sealed record ConditionMark(string Type, bool IsTrue);
