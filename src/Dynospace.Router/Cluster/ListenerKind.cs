namespace Dynospace.Router.Cluster;

/// <summary>Which of a space's listeners a process is.</summary>
public enum ListenerKind
{
    /// <summary>For the world, as far as the trusted ranges let it in; serves apps without internal routing.</summary>
    Public,

    /// <summary>For the space's dynos and peer networks; serves apps with internal routing.</summary>
    Internal,
}
