namespace Dynospace.Planning;

/// <summary>An object to delete, by name and UID: a namesake that took its place is left alone.</summary>
public sealed record ChildReference(string Name, string? Uid);
