namespace Dynospace.Planning.Routing;

/// <summary>What was observed of an app's Certificate.</summary>
/// <param name="IsReady">Whether it was issued and is valid.</param>
/// <param name="Trouble">What its condition says while it is not ready; null for nothing.</param>
public sealed record CertificateFacts(bool IsReady, string? Trouble);
