namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>What happened to an object.</summary>
internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}
