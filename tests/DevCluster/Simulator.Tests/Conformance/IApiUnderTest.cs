namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>A Kubernetes API server, ours or a real one, and how to reach it as an administrator.</summary>
public interface IApiUnderTest
{
    /// <summary>
    /// A client with base address, trust and credentials; skips the test if no such server is configured.
    /// </summary>
    Task<HttpClient> ConnectAsync(CancellationToken cancellationToken);
}
