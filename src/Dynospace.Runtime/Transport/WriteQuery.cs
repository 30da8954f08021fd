namespace Dynospace.Runtime.Transport;

/// <summary>How a write is done.</summary>
public sealed record WriteQuery
{
    /// <summary>Who owns the fields that are written; mandatory for an apply.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Whether an apply takes fields from other managers.</summary>
    public bool Force { get; init; }

    /// <summary>The subresource, as in <c>status</c>.</summary>
    public string? Subresource { get; init; }

    /// <summary>Whether the server only pretends.</summary>
    public bool DryRun { get; init; }
}
