namespace Dynospace.Runtime.Caching;

/// <summary>Keeps a store in step with the API server, whatever the connection does.</summary>
public interface IInformer
{
    /// <summary>What is watched.</summary>
    ResourceKind Kind { get; }

    /// <summary>Whether the first list is complete.</summary>
    bool HasSynced { get; }

    /// <summary>Whether the API server serves the kind and lets us read it, as far as is known. Only an optional kind may not be.</summary>
    bool IsServed { get; }

    /// <summary>Waits until the first list is complete.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Lists and watches until cancelled; no failure of the API server ends it.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
