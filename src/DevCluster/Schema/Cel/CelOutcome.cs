namespace DevCluster.Schema.Cel;

/// <summary>What an evaluation came to.</summary>
/// <param name="Value">A value or a <see cref="CelError"/>.</param>
/// <param name="Cost">What it cost; at the limit when it was stopped there.</param>
internal sealed record CelOutcome(object Value, long Cost, bool IsOverLimit = false);
