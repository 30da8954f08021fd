namespace Dynospace.Runtime.Leadership;

/// <summary>Lets one process of several act.</summary>
public interface ILeadership
{
    /// <summary>Whether this process leads.</summary>
    bool IsLeader { get; }

    /// <summary>
    /// Runs the delegate whenever this process leads, until cancelled or until the delegate ends. The delegate's token is cancelled when
    /// leadership is lost; then it is tried for again. The lease is released at the end.
    /// </summary>
    Task RunAsync(Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken);
}
