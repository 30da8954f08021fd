using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>
/// One release of an app: all that its dynos' pods are made of, but for secrets' values. Immutable, stored as a
/// ControllerRevision, so that a pod can be made again as its release was.
/// </summary>
/// <remarks>
/// Quantities and sizes are no part of it: scaling makes no release. A Secret's values are read when a process starts, so a dyno of an
/// older release that starts again gets the Secret's newest values.
/// </remarks>
public sealed record ReleaseRecord
{
    /// <summary>The number, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>The hash of all the rest and of the secrets' digests.</summary>
    public required string Hash { get; init; }

    /// <summary>The image.</summary>
    public required string Image { get; init; }

    /// <summary>Config vars, ordered by name.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names of the Secrets whose keys become config vars, in the order in which later ones win.</summary>
    public IReadOnlyList<string> ConfigFrom { get; init; } = [];

    /// <summary>Names of the Secrets with registry credentials.</summary>
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>The command of each process type that has one.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Commands { get; init; } =
        new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>What must succeed before the release goes out; empty for nothing.</summary>
    public IReadOnlyList<string> ReleaseCommand { get; init; } = [];

    /// <summary>The UID of the stored revision; null for a release that is not stored yet.</summary>
    public string? Uid { get; init; }

    /// <summary>The name of the revision that stores a release.</summary>
    public static string NameOf(string app, long number) => $"{app}-r{number}";

    /// <summary>Reads a release back; null when the revision stores none.</summary>
    public static ReleaseRecord? FromRevision(V1ControllerRevision revision) => ReleaseRevision.FromRevision(revision);
}
