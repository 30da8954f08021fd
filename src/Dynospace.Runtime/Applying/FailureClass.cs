namespace Dynospace.Runtime.Applying;

/// <summary>Whether a failure passes by itself.</summary>
public enum FailureClass
{
    /// <summary>Conflicts, overload, server errors, I/O and time-outs: repeat with back-off.</summary>
    Retryable,

    /// <summary>The request is refused until somebody changes something: a condition.</summary>
    Permanent,
}
