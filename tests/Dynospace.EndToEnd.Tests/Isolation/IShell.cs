namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>Runs shell scripts at one end of a connection; busybox is there.</summary>
internal interface IShell
{
    /// <summary>Whether the stand-in's ports listen there, so that it can be seen to reach itself.</summary>
    bool Listens { get; }

    /// <summary>What the script wrote.</summary>
    Task<string> RunAsync(string script, CancellationToken cancellationToken);
}
