namespace Dynospace.Cli.Reach;

/// <summary>How answers are printed.</summary>
internal enum ReachFormat
{
    Text,
    Json,
}
