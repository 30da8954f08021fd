namespace Dynospace.Planning.Routing;

/// <summary>A domain that an app asked for and does not get.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Owner">The app that has it; null when it is nobody's. Of another space it must not be told to the loser.</param>
/// <param name="IsReserved">Whether it lies under the base domain, so that no app can have it but by its own name.</param>
public sealed record LostDomain(string Domain, DomainClaimant? Owner, bool IsReserved);
