using Dynospace.Api;
using Dynospace.Api.Spaces;
using k8s.Models;

namespace Dynospace.Planning.Spaces;

// The namespace of a space: its observed state, its ownership and its desired state.

/// <summary>The observed state of the namespace with a space's name.</summary>
public sealed record NamespaceFacts
{
    /// <summary>The namespace's UID.</summary>
    public string? Uid { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Its annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whether the operator made it for a Space of this name that no longer exists, for example after a restore from a
    /// backup, which gives objects new UIDs.
    /// </summary>
    public bool IsOrphaned { get; init; }

    /// <summary>
    /// What its deletion still waits for, in the API server's words; empty unless it is being deleted.
    /// </summary>
    public IReadOnlyList<string> Remaining { get; init; } = [];

    /// <summary>Whether it is being deleted.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>The facts of a namespace.</summary>
    public static NamespaceFacts FromNamespace(V1Namespace found) =>
        new()
        {
            Uid = found.Metadata.Uid,
            Labels = (found.Metadata.Labels ?? new Dictionary<string, string>()).AsReadOnly(),
            Annotations = (found.Metadata.Annotations ?? new Dictionary<string, string>()).AsReadOnly(),
            IsTerminating = found.Metadata.DeletionTimestamp is not null,
            Remaining =
            [
                .. (found.Status?.Conditions ?? [])
                    .Where(
                        condition =>
                            condition is { Status: "True", Type: "NamespaceContentRemaining"
                                or "NamespaceFinalizersRemaining" })
                    .Select(condition => condition.Message).OfType<string>(),
            ],
        };
}

/// <summary>
/// The ownership of a namespace. The UID decides, not the name or a label that another user may have written. A
/// namespace with the adoption annotation is used but never deleted, even if the operator made it.
/// </summary>
internal static class NamespaceOwnership
{
    public static bool IsOwned(NamespaceFacts found, Space space) =>
        space.Metadata.Uid is { Length: > 0 } uid
        && found.Annotations.TryGetValue(Annotations.SpaceUid, out var owner)
        && owner == uid;

    public static bool IsAdoptable(NamespaceFacts found, Space space) =>
        found.Annotations.TryGetValue(Annotations.Adopt, out var adopter) && adopter == space.Metadata.Name;
}

/// <summary>Builds the namespace of a space.</summary>
internal static class NamespaceBuilder
{
    private const string PodSecurity = "pod-security.kubernetes.io/";
    private static readonly string[] PodSecurityModes = ["audit", "enforce", "warn"];

    /// <summary>
    /// The labels that <see cref="Build"/> sets. They are removed when an adopted namespace is released.
    /// </summary>
    public static IReadOnlyList<string> LabelKeys { get; } =
    [
        Labels.ManagedBy, Labels.PartOf, Labels.Runtime, Labels.Space,
        .. PodSecurityModes.SelectMany(mode => new[] { PodSecurity + mode, $"{PodSecurity}{mode}-version" }),
    ];

    /// <summary>
    /// Builds the namespace without an owner reference, since foreground deletion of the Space would delete it before
    /// its dynos have ended.
    /// </summary>
    public static V1Namespace Build(Space space)
    {
        var labels = ChildLabels.OfSpace(space.Metadata.Name);
        labels[Labels.Runtime] = space.Spec.Runtime.ToString();
        foreach (var mode in PodSecurityModes)
        {
            labels[PodSecurity + mode] = "restricted";
            labels[$"{PodSecurity}{mode}-version"] = "latest";
        }

        return new()
        {
            ApiVersion = "v1",
            Kind = "Namespace",
            Metadata = new()
            {
                Name = space.Metadata.Name,
                Labels = labels,
                Annotations = new Dictionary<string, string> { [Annotations.SpaceUid] = space.Metadata.Uid ?? "" },
            },
        };
    }
}
