namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>Runs shell scripts at one end of a connection; busybox is there.</summary>
internal interface IShell
{
    /// <summary>What the script wrote.</summary>
    Task<string> RunAsync(string script, CancellationToken cancellationToken);
}
