using Xunit;

namespace Dynospace.Architecture.Tests;

/// <summary>
/// One name means one thing. A word that needs its namespace to be understood costs every reader a look.
/// </summary>
public sealed class NameTests
{
    /// <summary>Every program begins in one.</summary>
    private const string EntryPoint = "Program.cs";

    [Fact]
    public void Source_files_have_different_names()
    {
        var twice = FolderTests.Sources.Value.Select(file => file.Path).GroupBy(path => Path.GetFileName(path))
            .Where(group => group.Key != EntryPoint && group.Count() > 1)
            .Select(group => string.Join(" and ", group));

        FolderTests.AssertNone(twice, "share one name");
    }

    /// <summary>
    /// The dev cluster is a neighbour: where both speak of Kubernetes' own things, both may use its words.
    /// </summary>
    [Fact]
    public void Types_of_the_product_have_different_names()
    {
        var twice = FolderTests.ProductAssemblies.SelectMany(assembly => Types(assembly.Data))
            .GroupBy(type => type[(type.LastIndexOf('.') + 1)..])
            .Where(group => group.Count() > 1)
            .Select(group => string.Join(" and ", group));

        FolderTests.AssertNone(twice, "share one name");
    }

    /// <summary>Factories say what they make it from, other methods what they do.</summary>
    [Fact]
    public void No_method_is_called_Of()
    {
        var nameless = NamespaceTests.Assemblies.SelectMany(assembly => Methods(assembly.Data))
            .Where(method => method.EndsWith("::Of", StringComparison.Ordinal));

        FolderTests.AssertNone(nameless, "are called Of");
    }

    private static List<string> Types(string assembly)
    {
        using var module = FolderTests.Read(assembly);
        return [.. FolderTests.OwnTypes(module).Select(type => type.FullName)];
    }

    private static List<string> Methods(string assembly)
    {
        using var module = FolderTests.Read(assembly);
        return
        [
            .. module.GetTypes().SelectMany(type => type.Methods, (type, method) => $"{type.FullName}::{method.Name}"),
        ];
    }
}
