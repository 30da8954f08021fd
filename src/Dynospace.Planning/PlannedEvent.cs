namespace Dynospace.Planning;

/// <summary>An event to record for an object.</summary>
public sealed record PlannedEvent(bool IsWarning, string Reason, string Message);
