namespace Dynospace.Cli.Reach;

/// <summary>What the text of an end speaks of.</summary>
internal enum EndKind
{
    /// <summary>A dyno, an app's Service or a data service, by its name in a space.</summary>
    Named,
    Pod,
    Node,
    Router,
    InternalRouter,
    Internet,
    Metadata,
    Peer,
    Address,
}
