namespace Dynospace.Runtime.Transport;

/// <summary>What to watch, and from where.</summary>
public sealed record WatchQuery
{
    /// <summary>The namespace, or null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>A label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Events after this version are wanted.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>When the server shall close the stream.</summary>
    public TimeSpan? Timeout { get; init; }
}
