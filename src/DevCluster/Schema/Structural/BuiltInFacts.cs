namespace DevCluster.Schema.Structural;

/// <summary>
/// Reads <c>BuiltInFacts.txt</c>: required fields, list types, merge keys and enums of the built-in types.
/// </summary>
internal static class BuiltInFacts
{
    private static readonly Lazy<IReadOnlyDictionary<string, DefinitionFacts>> Table = new(Load);

    /// <summary>
    /// The facts about a model class of KubernetesClient, such as <c>V1Container</c>; null if it is not in the table.
    /// </summary>
    public static DefinitionFacts? Find(string modelName) => Table.Value.GetValueOrDefault(modelName);

    private static Dictionary<string, DefinitionFacts> Load()
    {
        using var stream = typeof(BuiltInFacts).Assembly.GetManifestResourceStream("BuiltInFacts.txt")!;
        using var reader = new StreamReader(stream);
        var table = new Dictionary<string, DefinitionFacts>();
        var package = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] == '[')
            {
                package = line[1..^1];
            }
            else if (line[0] == '+')
            {
                foreach (var name in line[1..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    Add(table, package, name, DefinitionFacts.Bare($"{package}.{name}"));
                }
            }
            else
            {
                var tokens = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Add(table, package, tokens[0], ParseDefinition($"{package}.{tokens[0]}", tokens.AsSpan(1)));
            }
        }

        return table;
    }

    /// <summary>
    /// KubernetesClient prefixes a class with its version, or with group and version if that is ambiguous.
    /// </summary>
    private static void Add(
        Dictionary<string, DefinitionFacts> table, string package, string name, DefinitionFacts facts)
    {
        var parts = package.Split('.');
        var version = parts[^1];
        table.TryAdd($"{char.ToUpperInvariant(version[0])}{version[1..]}{name}", facts);
        table.TryAdd($"{char.ToUpperInvariant(parts[^2][0])}{parts[^2][1..]}{version}{name}", facts);
    }

    private static DefinitionFacts ParseDefinition(string definition, ReadOnlySpan<string> tokens)
    {
        IReadOnlyList<string> required = [];
        var atomic = false;
        var fields = new Dictionary<string, FieldFacts>();
        foreach (var token in tokens)
        {
            if (token[0] == '!')
            {
                required = token[1..].Split(',');
            }
            else if (token == "@atomic")
            {
                atomic = true;
            }
            else
            {
                var colon = token.IndexOf(':', StringComparison.Ordinal);
                fields.Add(token[..colon], ParseField(token[(colon + 1)..].Split(';')));
            }
        }

        return new(definition, required, atomic, fields);
    }

    private static FieldFacts ParseField(string[] facts)
    {
        var result = FieldFacts.None;
        foreach (var fact in facts)
        {
            var equals = fact.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? fact : fact[..equals];
            var value = equals < 0 ? null : fact[(equals + 1)..];
            result = name switch
            {
                "map" => result with { ListType = ListType.Map, MapKeys = value!.Split(',') },
                "set" => result with { ListType = ListType.Set },
                "atomic" => result with { IsAtomicMap = true },
                "granular" => result with { IsAtomicMap = false },
                "merge" => result with { PatchMerges = true, PatchMergeKey = value },
                "retainKeys" => result with { PatchRetainsKeys = true },
                "replace" => result with { PatchReplaces = true },
                "struct" => result with { IsStruct = true },
                "enum" => result with { Enum = [.. value!.Split('|').Select(v => v.Replace('_', ' '))] },
                "default" => result with { Default = value },
                "type" => result with { TypeName = value },
                _ => throw new InvalidDataException($"BuiltInFacts.txt: unknown fact '{fact}'"),
            };
        }

        return result;
    }
}

/// <summary>The facts about a C# model as a whole.</summary>
internal sealed record DefinitionFacts(
    string Definition, IReadOnlyList<string> Required, bool IsAtomic, IReadOnlyDictionary<string, FieldFacts> Fields)
{
    private static readonly IReadOnlyDictionary<string, FieldFacts> NoFields = new Dictionary<string, FieldFacts>();

    /// <summary>A definition without facts in the table.</summary>
    public static DefinitionFacts Bare(string definition) => new(definition, [], false, NoFields);

    /// <summary>The package, such as <c>io.k8s.api.core.v1</c>.</summary>
    public string Package => Definition[..Definition.LastIndexOf('.')];
}

/// <summary>The facts about one field of a C# model.</summary>
internal sealed record FieldFacts
{
    public static readonly FieldFacts None = new();

    public ListType ListType { get; init; }

    public IReadOnlyList<string> MapKeys { get; init; } = [];

    /// <summary>Null if the definition of the field's type decides.</summary>
    public bool? IsAtomicMap { get; init; }

    public bool PatchMerges { get; init; }

    public string? PatchMergeKey { get; init; }

    public bool PatchRetainsKeys { get; init; }

    public bool PatchReplaces { get; init; }

    /// <summary>Whether it is a struct in Go, not a pointer: an object always has it.</summary>
    public bool IsStruct { get; init; }

    /// <summary>Whether it is such a struct, or a required field, which upstream writes even if it is zero.</summary>
    public bool IsNeverAbsent { get; init; }

    public IReadOnlyList<string> Enum { get; init; } = [];

    public string? Default { get; init; }

    /// <summary>The short name of a definition that C# models as <c>object</c> or <c>DateTime</c>.</summary>
    public string? TypeName { get; init; }
}
