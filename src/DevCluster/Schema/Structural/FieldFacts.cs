namespace DevCluster.Schema.Structural;

/// <summary>What the table adds to one field of a C# model.</summary>
internal sealed record FieldFacts
{
    public static readonly FieldFacts None = new();

    public ListType ListType { get; init; }

    public IReadOnlyList<string> MapKeys { get; init; } = [];

    /// <summary>Null where the definition of the field's type decides.</summary>
    public bool? IsAtomicMap { get; init; }

    public bool PatchMerges { get; init; }

    public string? PatchMergeKey { get; init; }

    public bool PatchRetainsKeys { get; init; }

    public bool PatchReplaces { get; init; }

    /// <summary>In Go a struct and no pointer to one: an object always has it.</summary>
    public bool IsStruct { get; init; }

    /// <summary>Such a struct, or a required field, which upstream writes even when it is zero.</summary>
    public bool IsNeverAbsent { get; init; }

    public IReadOnlyList<string> Enum { get; init; } = [];

    public string? Default { get; init; }

    /// <summary>The short name of a definition that C# models as <c>object</c> or <c>DateTime</c>.</summary>
    public string? TypeName { get; init; }
}
