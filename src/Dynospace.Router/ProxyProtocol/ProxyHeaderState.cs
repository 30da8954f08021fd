namespace Dynospace.Router.ProxyProtocol;

/// <summary>How far the bytes received so far are a PROXY header.</summary>
internal enum ProxyHeaderState
{
    /// <summary>They may become one.</summary>
    Incomplete,

    /// <summary>They begin with one.</summary>
    Complete,

    /// <summary>Whatever follows, they are none.</summary>
    Malformed,
}
