namespace Dynospace.Runtime.Applying;

/// <summary>What an apply did.</summary>
public sealed record ApplyReport
{
    /// <summary>Objects that were written.</summary>
    public IReadOnlyList<AppliedObject> Applied { get; init; } = [];

    /// <summary>Objects that were as desired already.</summary>
    public int Unchanged { get; init; }

    /// <summary>Objects that were deleted.</summary>
    public IReadOnlyList<ObjectReference> Pruned { get; init; } = [];

    /// <summary>Objects that bear a desired name and belong to somebody else; nothing was done to them.</summary>
    public IReadOnlyList<ForeignObject> Foreign { get; init; } = [];

    /// <summary>Objects, or their namespace, that are on their way out; their end wakes the owner.</summary>
    public IReadOnlyList<ObjectReference> Terminating { get; init; } = [];

    /// <summary>Desired objects of later stages that were not tried.</summary>
    public IReadOnlyList<ObjectReference> Withheld { get; init; } = [];

    /// <summary>What went wrong.</summary>
    public IReadOnlyList<ApplyFailure> Failures { get; init; } = [];

    /// <summary>The first failure that passes by itself, with the longest wait any of them asks for; null when there is none.</summary>
    public ApplyFailure? RetryableFailure
    {
        get
        {
            var retryable = Failures.Where(f => f.Class == FailureClass.Retryable).ToList();
            return retryable.Count == 0 ? null : retryable[0] with { RetryAfter = retryable.Max(f => f.RetryAfter) };
        }
    }

    /// <summary>The failures that stay until somebody changes something.</summary>
    public IEnumerable<ApplyFailure> PermanentFailures => Failures.Where(f => f.Class == FailureClass.Permanent);

    /// <summary>Whether everything desired exists as desired.</summary>
    public bool IsComplete => Foreign.Count + Terminating.Count + Withheld.Count + Failures.Count == 0;
}
