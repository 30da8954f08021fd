namespace Dynospace.Runtime.Caching;

/// <summary>A change of one object.</summary>
/// <param name="Key">Which object.</param>
/// <param name="Old">What was known before; null for a new object.</param>
/// <param name="New">What is known now; null for a deleted object.</param>
public readonly record struct ObjectChange<T>(ObjectKey Key, T? Old, T? New)
    where T : class;
