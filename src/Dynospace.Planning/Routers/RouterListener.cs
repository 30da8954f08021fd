namespace Dynospace.Planning.Routers;

/// <summary>The two kinds of listeners. Each has pods of its own, since policies select pods and nothing finer.</summary>
public enum RouterListener
{
    /// <summary>For trusted ranges; serves apps without internal routing.</summary>
    Public,

    /// <summary>For the space and its peer networks; serves apps with internal routing.</summary>
    Internal,
}
