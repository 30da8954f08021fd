using DevCluster.Schema.Errors;

namespace DevCluster.Schema.Crds;

/// <summary>What the place of a schema within its CRD allows.</summary>
internal sealed record SchemaContext
{
    public bool IsRoot { get; init; }

    /// <summary>Within apiVersion, kind or metadata.</summary>
    public bool IsInResourceMeta { get; init; }

    /// <summary>Why no default may stand here; null where one may.</summary>
    public string? DefaultsForbidden { get; init; }

    /// <summary>
    /// The outermost list that cannot be matched item by item between two versions; null outside of any.
    /// </summary>
    public FieldPath? Uncorrelatable { get; init; }

    /// <summary>Rules are compiled here: the schema is sound, and no junctor.</summary>
    public bool AllowsRules { get; init; }

    /// <summary>How often the schema's value can occur in one object; null when nothing bounds it.</summary>
    public ulong? Occurrences { get; init; } = 1;

    public SchemaContext WithUncorrelatable(FieldPath path) =>
        Uncorrelatable is null ? this with { Uncorrelatable = path } : this;
}
