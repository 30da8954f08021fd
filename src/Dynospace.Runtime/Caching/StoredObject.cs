namespace Dynospace.Runtime.Caching;

/// <summary>A value and the version it was made of.</summary>
internal readonly record struct StoredObject<T>(T Value, ResourceVersion Version)
    where T : class;
