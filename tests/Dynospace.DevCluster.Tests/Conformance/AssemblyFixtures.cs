using Dynospace.DevCluster.Tests.Conformance;

[assembly: AssemblyFixture(typeof(DevClusterApi))]
[assembly: AssemblyFixture(typeof(RealApi))]
