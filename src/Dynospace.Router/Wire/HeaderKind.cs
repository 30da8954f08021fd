namespace Dynospace.Router.Wire;

/// <summary>What a header of a response is to the router.</summary>
internal enum HeaderKind
{
    /// <summary>Passes as it is.</summary>
    Plain,

    /// <summary>Ends at the router.</summary>
    Hop,

    /// <summary>Ends at the router, and names others that do.</summary>
    Connection,

    ContentLength,

    TransferEncoding,
}
