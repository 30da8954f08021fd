[assembly: AssemblyFixture(typeof(DevClusterApi))]
[assembly: AssemblyFixture(typeof(RealApi))]
