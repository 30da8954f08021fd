namespace Dynospace.Planning.Dynos;

/// <summary>What only the pods of a trial tell.</summary>
/// <param name="Role">One of <see cref="Api.CanaryRoles"/>.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record CanaryFacts(string Role, DateTimeOffset? CreatedAt);
