// Structural: the schemas of objects, for built-in kinds and for CRDs.

using System.Text.Json.Nodes;

namespace DevCluster.Schema.Structural;

/// <summary>
/// The schema of a value, for built-in types and for CRDs. Patching, server-side apply, validation, pruning, defaulting
/// and OpenAPI all use this form. It is immutable; the child accessors are lazy because built-in types are recursive.
/// </summary>
public sealed class TypeSchema
{
    private static readonly IReadOnlyDictionary<string, TypeSchema> None = new Dictionary<string, TypeSchema>();

    private readonly Lazy<IReadOnlyDictionary<string, TypeSchema>> _properties;
    private readonly Lazy<TypeSchema?> _items;
    private readonly Lazy<TypeSchema?> _additionalProperties;

    public TypeSchema(
        string type,
        Func<IReadOnlyDictionary<string, TypeSchema>>? properties = null,
        Func<TypeSchema?>? items = null,
        Func<TypeSchema?>? additionalProperties = null)
    {
        Type = type;
        _properties = new(properties ?? (() => None));
        _items = new(items ?? (() => null));
        _additionalProperties = new(additionalProperties ?? (() => null));
    }

    /// <summary>
    /// <c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>; empty for any.
    /// </summary>
    public string Type { get; }

    public string? Format { get; init; }

    public string? Description
    {
        get => field ?? DescriptionSource?.Invoke();
        init;
    }

    /// <summary>Loads the description on first access: those of the built-in types are large and rarely read.</summary>
    public Func<string?>? DescriptionSource { private get; init; }

    /// <summary>
    /// The name of the OpenAPI definition (<c>io.k8s.api.core.v1.PodSpec</c>), for <c>$ref</c>; null if inline.
    /// </summary>
    public string? Definition { get; init; }

    public IReadOnlyDictionary<string, TypeSchema> Properties => _properties.Value;

    /// <summary>The schema of a map's values; null if this is not a map.</summary>
    public TypeSchema? AdditionalProperties => _additionalProperties.Value;

    public TypeSchema? Items => _items.Value;

    public IReadOnlyList<string> Required { get; init; } = [];

    public JsonNode? Default { get; init; }

    public IReadOnlyList<JsonNode?> Enum { get; init; } = [];

    public bool Nullable { get; init; }

    public ListType ListType { get; init; }

    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>Whether server-side apply owns the object as a whole (<c>x-kubernetes-map-type: atomic</c>).</summary>
    public bool IsAtomicMap { get; init; }

    /// <summary>
    /// Whether objects upstream always have this field of a built-in type, at least as an empty struct, null or zero.
    /// Setting it is then not an addition, which affects ownership.
    /// </summary>
    public bool IsNeverAbsent { get; init; }

    public bool PreserveUnknownFields { get; init; }

    public bool IsIntOrString { get; init; }

    public bool IsEmbeddedResource { get; init; }

    /// <summary>Strategic merge: the key by which list items are matched; null if lists are replaced.</summary>
    public string? PatchMergeKey { get; init; }

    /// <summary>Strategic merge: whether the list (of objects or scalars) is merged instead of replaced.</summary>
    public bool PatchMerges { get; init; }

    /// <summary>Strategic merge: whether the object is replaced instead of merged.</summary>
    public bool PatchReplaces { get; init; }

    /// <summary>Strategic merge: <c>retainKeys</c>, for unions.</summary>
    public bool PatchRetainsKeys { get; init; }

    public string? Pattern { get; init; }

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public double? MultipleOf { get; init; }

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }

    public bool UniqueItems { get; init; }

    /// <summary>CEL rules, in order.</summary>
    public IReadOnlyList<ValidationRule> Rules { get; init; } = [];

    /// <summary>
    /// The logical junctors. As structural schemas require, their branches contain only value validations.
    /// </summary>
    public IReadOnlyList<TypeSchema> AllOf { get; init; } = [];

    public IReadOnlyList<TypeSchema> AnyOf { get; init; } = [];

    public IReadOnlyList<TypeSchema> OneOf { get; init; } = [];

    public TypeSchema? Not { get; init; }
}

/// <summary>How server-side apply merges a list (<c>x-kubernetes-list-type</c>).</summary>
public enum ListType
{
    Atomic,
    Set,
    Map,
}

/// <summary>One entry of <c>x-kubernetes-validations</c>.</summary>
public sealed record ValidationRule(
    string Rule,
    string? Message = null,
    string? MessageExpression = null,
    string? Reason = null,
    string? FieldPath = null,
    bool OptionalOldSelf = false);
