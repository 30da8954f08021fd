namespace Dynospace.Runtime.Tests.Servers;

/// <summary>The same tests against every server, so that what the runtime assumes of one holds for the other.</summary>
public static class ServerTests
{
    public sealed class AppliesToDevCluster(DevClusterUnderTest server) : ApplierServerTests(server);

    public sealed class AppliesToRealServer(RealServerUnderTest server) : ApplierServerTests(server);

    public sealed class InformsOfDevCluster(DevClusterUnderTest server) : InformerServerTests(server);

    public sealed class InformsOfRealServer(RealServerUnderTest server) : InformerServerTests(server);

    public sealed class LeadsAndReportsOnDevCluster(DevClusterUnderTest server) : LeadershipAndEventServerTests(server);

    public sealed class LeadsAndReportsOnRealServer(RealServerUnderTest server) : LeadershipAndEventServerTests(server);
}
