namespace Dynospace.Planning.Isolation;

/// <summary>What the last trial of the network's enforcement showed.</summary>
/// <param name="IsEnforced">Whether what must pass passed and what must not did not; null when the trial could not be held.</param>
/// <param name="Message">What was tried and seen.</param>
public sealed record EnforcementFacts(bool? IsEnforced, string Message);
