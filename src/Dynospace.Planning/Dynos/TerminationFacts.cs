namespace Dynospace.Planning.Dynos;

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Reason">The kubelet's word, such as <c>OOMKilled</c>.</param>
/// <param name="RunTime">How long it ran; null when the kubelet did not say.</param>
public sealed record TerminationFacts(int ExitCode, string? Reason, TimeSpan? RunTime);
