namespace Dynospace.Runtime.Applying;

/// <summary>An object that bears a desired name and belongs to somebody else.</summary>
/// <param name="Reference">Which.</param>
/// <param name="Explanation">Whose it is and what helps, for a condition.</param>
public sealed record ForeignObject(ObjectReference Reference, string Explanation);
