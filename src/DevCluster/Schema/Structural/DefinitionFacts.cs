namespace DevCluster.Schema.Structural;

/// <summary>What the table adds to a C# model as a whole.</summary>
internal sealed record DefinitionFacts(
    string Definition, IReadOnlyList<string> Required, bool IsAtomic, IReadOnlyDictionary<string, FieldFacts> Fields)
{
    private static readonly IReadOnlyDictionary<string, FieldFacts> NoFields = new Dictionary<string, FieldFacts>();

    /// <summary>A definition about which the table says nothing.</summary>
    public static DefinitionFacts Bare(string definition) => new(definition, [], false, NoFields);

    /// <summary>The package, <c>io.k8s.api.core.v1</c>.</summary>
    public string Package => Definition[..Definition.LastIndexOf('.')];
}
