using Dynospace.Api;

namespace Dynospace.Planning;

/// <summary>Why something is not as the spec asks: a reason, and a sentence with field, value and remedy.</summary>
public sealed record Problem(Reason Reason, string Message);
