using System.Collections.Immutable;

namespace Dynospace.Runtime.Caching;

/// <summary>All that is known at one moment. Immutable, so that readers need no lock and see objects and indexes agree.</summary>
internal sealed record StoreSnapshot<T>(
    ImmutableDictionary<ObjectKey, StoredObject<T>> Objects,
    ImmutableDictionary<string, ImmutableDictionary<string, ImmutableDictionary<ObjectKey, T>>> Indexes)
    where T : class
{
    public static StoreSnapshot<T> Empty { get; } = new(
        ImmutableDictionary<ObjectKey, StoredObject<T>>.Empty,
        ImmutableDictionary<string, ImmutableDictionary<string, ImmutableDictionary<ObjectKey, T>>>.Empty);
}
