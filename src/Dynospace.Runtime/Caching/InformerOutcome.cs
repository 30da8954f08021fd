namespace Dynospace.Runtime.Caching;

/// <summary>How a list or a watch ended.</summary>
internal enum InformerOutcome
{
    /// <summary>The list is complete.</summary>
    Listed,

    /// <summary>The kind is optional, and not there or not for us.</summary>
    Unserved,

    /// <summary>The server closed the watch, or its connection ended: nothing is lost.</summary>
    Closed,

    /// <summary>Nothing came for too long: the connection may be half-open.</summary>
    Silent,

    /// <summary>The resource version or the continue token is too old.</summary>
    Gone,

    /// <summary>An event could not be decoded, so that what it said is lost.</summary>
    Undecodable,

    /// <summary>The server does not take the watch as it is; its resource version may mean nothing any more.</summary>
    Rejected,

    /// <summary>The server could not be reached, would not let us in or failed.</summary>
    Failed,
}
