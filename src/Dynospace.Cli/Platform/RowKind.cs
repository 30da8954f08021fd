namespace Dynospace.Cli.Platform;

/// <summary>What a row shows.</summary>
internal enum RowKind
{
    Space,
    App,
    Dyno,
}
