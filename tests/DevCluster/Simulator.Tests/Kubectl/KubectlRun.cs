namespace DevCluster.Simulator.Tests.Kubectl;

/// <summary>What kubectl did.</summary>
public sealed record KubectlRun(int ExitCode, string Output, string Errors);
