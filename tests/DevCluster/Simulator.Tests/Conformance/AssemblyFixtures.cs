using DevCluster.Simulator.Tests.Conformance;

[assembly: AssemblyFixture(typeof(DevClusterApi))]
[assembly: AssemblyFixture(typeof(RealApi))]
[assembly: AssemblyFixture(typeof(DevClusterWorkloads))]
[assembly: AssemblyFixture(typeof(RealWorkloads))]
