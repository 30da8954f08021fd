using Xunit;

namespace Dynospace.Architecture.Tests;

/// <summary>
/// Namespaces inside a project form a directed acyclic graph, so that a folder can be read without all others.
/// </summary>
public sealed class NamespaceTests
{
    /// <summary>Every assembly of the repository that the hosts bring along.</summary>
    public static TheoryData<string> Assemblies =>
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => name.StartsWith("Dynospace.", StringComparison.Ordinal)
                || name.StartsWith("DevCluster.", StringComparison.Ordinal) || name == "dynospace")
            .Where(name => !name.EndsWith(".Tests", StringComparison.Ordinal) && !name.EndsWith(".Testing", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Namespaces_form_a_directed_acyclic_graph(string assembly)
    {
        var graph = NamespaceGraph.FromFile(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));

        var cycles = graph.Cycles();
        Assert.True(cycles.Count == 0, $"{assembly} has namespaces that use one another:\n{string.Join('\n', cycles)}");
    }

    [Fact]
    public void The_assemblies_are_found() =>
        Assert.Superset(
            new HashSet<string> { "Dynospace.Api", "Dynospace.Planning", "Dynospace.Router" },
            Assemblies.Select(row => row.Data).ToHashSet());

    [Fact]
    public void A_cycle_is_found()
    {
        var cycles = NamespaceGraph.FromFile(typeof(NamespaceTests).Assembly.Location).Cycles();

        Assert.Equal(2, cycles.Count);
        Assert.Contains(
            cycles, line => line.StartsWith("Dynospace.Architecture.Tests.Samples.Left -> ", StringComparison.Ordinal));
    }
}
