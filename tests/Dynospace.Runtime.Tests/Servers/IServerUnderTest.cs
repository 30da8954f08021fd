using k8s;

namespace Dynospace.Runtime.Tests.Servers;

/// <summary>A server that keeps objects, whichever.</summary>
public interface IServerUnderTest
{
    /// <summary>A client of an administrator; skips the test when there is no such server.</summary>
    Task<Kubernetes> ConnectAsync(CancellationToken cancellationToken);
}
