namespace Dynospace.Runtime.Caching;

/// <summary>Pure: the informer's state machine. There is no way out of it but cancellation.</summary>
internal static class InformerMachine
{
    /// <summary>Decides what follows an outcome.</summary>
    /// <param name="wasShort">Whether the watch ended so soon that doing the same at once would be a tight loop.</param>
    public static InformerStep Next(InformerPhase phase, InformerOutcome outcome, bool wasShort) => (phase, outcome) switch
    {
        (InformerPhase.Listing, InformerOutcome.Listed) => new(InformerPhase.Watching, Pauses: false),
        (InformerPhase.Listing, _) => new(InformerPhase.Listing, Pauses: true),
        (InformerPhase.Watching, InformerOutcome.Closed) => new(InformerPhase.Watching, Pauses: wasShort),
        (InformerPhase.Watching, InformerOutcome.Silent) => new(InformerPhase.Watching, Pauses: false),
        (InformerPhase.Watching, InformerOutcome.Gone) => new(InformerPhase.Listing, Pauses: wasShort),
        (InformerPhase.Watching, InformerOutcome.Undecodable or InformerOutcome.Rejected or InformerOutcome.Unserved) => new(InformerPhase.Listing, Pauses: true),
        (InformerPhase.Watching, InformerOutcome.Failed) => new(InformerPhase.Watching, Pauses: true),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, $"No such end of {phase}."),
    };
}
