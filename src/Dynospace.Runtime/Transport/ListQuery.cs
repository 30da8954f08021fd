namespace Dynospace.Runtime.Transport;

/// <summary>Which page of a collection to read.</summary>
public sealed record ListQuery
{
    /// <summary>The namespace, or null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>A label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>How many objects a page holds; null for all in one.</summary>
    public int? Limit { get; init; }

    /// <summary>The token of the page before; null for the first.</summary>
    public string? Continue { get; init; }
}
