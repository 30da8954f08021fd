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

    /// <summary>
    /// Whether the operator made it for a Space of this name that is gone, as after a restore from a backup, in which objects get new UIDs.
    /// </summary>
    public bool IsOrphaned { get; init; }

    /// <summary>What its deletion still waits for, in the API server's words; empty while it is not being deleted.</summary>
    public IReadOnlyList<string> Remaining { get; init; } = [];

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
            Remaining =
            [
                .. (found.Status?.Conditions ?? [])
                    .Where(condition => condition is { Status: "True", Type: "NamespaceContentRemaining" or "NamespaceFinalizersRemaining" })
                    .Select(condition => condition.Message).OfType<string>(),
            ],
        };
}
