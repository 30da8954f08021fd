using System.Text.Json.Nodes;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Yaml;
using Xunit;

namespace Dynospace.Api.Tests.Crds;

public sealed class ServedCrdTests
{
    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(RepositoryFolder.Combine("crds"), "*_*.yaml").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void An_api_server_accepts_the_definitions(string file)
    {
        var definition = YamlReader.ReadFirst(File.ReadAllBytes(RepositoryFolder.Combine("crds", file)));

        var compilation = CrdCompiler.Compile(Assert.IsType<JsonObject>(definition));

        Assert.Empty(compilation.Errors.Select(error => $"{error.Field}: {error.Message}"));
        Assert.NotEmpty(compilation.Definitions);
    }
}
