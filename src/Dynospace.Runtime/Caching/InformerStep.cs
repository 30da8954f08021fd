namespace Dynospace.Runtime.Caching;

/// <summary>What comes next.</summary>
/// <param name="Next">The phase.</param>
/// <param name="Pauses">Whether there is a back-off before it.</param>
internal readonly record struct InformerStep(InformerPhase Next, bool Pauses);
