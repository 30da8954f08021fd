namespace Dynospace.Runtime.Caching;

/// <summary>What an informer does.</summary>
internal enum InformerPhase
{
    /// <summary>Reads the whole collection; what the store holds may be old, and deletions are unknown.</summary>
    Listing,

    /// <summary>Follows changes from a resource version on.</summary>
    Watching,
}
