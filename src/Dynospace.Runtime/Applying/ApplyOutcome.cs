namespace Dynospace.Runtime.Applying;

/// <summary>What became of one desired object; exactly one member is set, or none when it was as desired.</summary>
internal sealed record ApplyOutcome(ObjectReference Reference)
{
    public AppliedObject? Applied { get; init; }

    public ForeignObject? Foreign { get; init; }

    public bool IsTerminating { get; init; }

    public bool IsWithheld { get; init; }

    public ApplyFailure? Failure { get; init; }

    public bool IsComplete => Foreign is null && !IsTerminating && !IsWithheld && Failure is null;

    public string Name => this switch
    {
        { Applied.WasCreated: true } => "created",
        { Applied: not null } => "applied",
        { Foreign: not null } => "foreign",
        { IsTerminating: true } => "terminating",
        { IsWithheld: true } => "withheld",
        { Failure: not null } => "failed",
        _ => "unchanged",
    };

    public static ApplyReport Report(IReadOnlyCollection<ApplyOutcome> outcomes) => new()
    {
        Applied = [.. outcomes.Select(o => o.Applied).OfType<AppliedObject>()],
        Unchanged = outcomes.Count(o => o is { IsComplete: true, Applied: null }),
        Foreign = [.. outcomes.Select(o => o.Foreign).OfType<ForeignObject>()],
        Terminating = [.. outcomes.Where(o => o.IsTerminating).Select(o => o.Reference)],
        Withheld = [.. outcomes.Where(o => o.IsWithheld).Select(o => o.Reference)],
        Failures = [.. outcomes.Select(o => o.Failure).OfType<ApplyFailure>()],
    };
}
