using k8s.Models;

namespace Dynospace.Planning.Spaces;

/// <summary>What was observed of the namespace that has a space's name.</summary>
public sealed record NamespaceFacts
{
    /// <summary>The namespace's UID.</summary>
    public string? Uid { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Its annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it is being deleted.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>The facts of a namespace.</summary>
    public static NamespaceFacts Of(V1Namespace found) =>
        new()
        {
            Uid = found.Metadata.Uid,
            Labels = (found.Metadata.Labels ?? new Dictionary<string, string>()).AsReadOnly(),
            Annotations = (found.Metadata.Annotations ?? new Dictionary<string, string>()).AsReadOnly(),
            IsTerminating = found.Metadata.DeletionTimestamp is not null,
        };
}
