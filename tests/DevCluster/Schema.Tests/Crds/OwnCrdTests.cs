using System.Text.Json.Nodes;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Tests.Validation;
using Dynospace.Testing;
using YamlDotNet.Serialization;

namespace DevCluster.Schema.Tests.Crds;

public sealed class OwnCrdTests
{
    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(RepositoryFolder.Combine("crds"), "*_*.yaml").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_products_own_crds_are_accepted(string file)
    {
        using var reader = File.OpenText(RepositoryFolder.Combine("crds", file));
        var yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization()
            .Build()
            .Deserialize(reader);
        var json = new SerializerBuilder().JsonCompatible().Build().Serialize(yaml);

        var compilation = CrdCompiler.Compile(JsonNode.Parse(json)!.AsObject());

        Assert.True(compilation.Errors.Count == 0, Findings.Show(compilation.Errors));
        Assert.NotEmpty(compilation.Definitions);
    }
}
