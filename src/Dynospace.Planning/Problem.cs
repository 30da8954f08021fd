namespace Dynospace.Planning;

/// <summary>Why something is not as wished: a reason of <see cref="Api.Reasons"/>, and a sentence with field, value and remedy.</summary>
public sealed record Problem(string Reason, string Message);
