namespace Dynospace.Planning;

/// <summary>How applying a plan went.</summary>
/// <param name="Problem">What the API server refused; null when all was applied.</param>
/// <param name="IsRetrying">Whether the failure is expected to pass, so that it is no stall.</param>
public sealed record ApplyOutcome(Problem? Problem, bool IsRetrying)
{
    /// <summary>All was applied.</summary>
    public static ApplyOutcome Success { get; } = new(null, false);
}
