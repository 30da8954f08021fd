namespace Dynospace.Planning.Routing;

/// <summary>What became of an app's claims.</summary>
/// <param name="Hosts">The hosts that are the app's own, the generated one first.</param>
/// <param name="Lost">The domains that it asked for and does not get.</param>
public sealed record GrantedHosts(IReadOnlyList<string> Hosts, IReadOnlyList<LostDomain> Lost);
