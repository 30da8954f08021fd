namespace Dynospace.Runtime.Applying;

/// <summary>How an object of the same name that the cache does not hold is kept from being taken over by a forced apply.</summary>
public enum CreationGuard
{
    /// <summary>One read before the first apply: for every kind, and for caches that a selector narrows.</summary>
    ReadFirst,

    /// <summary>
    /// A create, which the server refuses when the name is taken. Only for objects whose fields never change afterwards, such as pods: the
    /// fields of a create belong to another entry of managedFields, so that a later apply could not remove them.
    /// </summary>
    CreateOnly,

    /// <summary>The cache holds every object of the kind, or the name is nobody else's.</summary>
    TrustCache,
}
