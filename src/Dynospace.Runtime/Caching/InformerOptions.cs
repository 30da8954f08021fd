using System.Text.Json;

namespace Dynospace.Runtime.Caching;

/// <summary>What an informer watches and how it keeps it.</summary>
public sealed record InformerOptions<T>
    where T : class
{
    /// <summary>
    /// Makes the cached value; the JSON is gone afterwards. Null for KubernetesClient's deserialisation without managedFields.
    /// Keep only what is needed: this decides the operator's memory.
    /// </summary>
    public Func<JsonElement, T>? Decode { get; init; }

    /// <summary>The namespace, or null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>A label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Named functions from a value to the keys it is filed under.</summary>
    public IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> Indexers { get; init; } =
        new Dictionary<string, Func<T, IEnumerable<string>>>();

    /// <summary>
    /// Whether the kind may be missing, or the right to read it: then nothing is known of it until it comes, nothing waits for it, and
    /// <see cref="IInformer.IsServed"/> says so.
    /// </summary>
    public bool IsOptional { get; init; }

    /// <summary>The timing of lists and watches.</summary>
    public InformerTiming Timing { get; init; } = new();
}
