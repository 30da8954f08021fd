using Dynospace.EndToEnd.Tests.Support;

[assembly: AssemblyFixture(typeof(Platform))]
