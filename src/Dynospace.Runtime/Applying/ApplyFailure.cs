namespace Dynospace.Runtime.Applying;

/// <summary>A request that failed.</summary>
/// <param name="Reference">Which object.</param>
/// <param name="Class">Whether it passes by itself.</param>
/// <param name="Reason">The API's reason, or the kind of connection failure.</param>
/// <param name="Message">The API's message, at most 1 kB, fit for a condition.</param>
public sealed record ApplyFailure(ObjectReference Reference, FailureClass Class, string Reason, string Message)
{
    /// <summary>When the server wants to be asked again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Reference}: {Reason}: {Message}";
}
