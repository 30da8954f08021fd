using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Facts;

namespace Dynospace.Planning.Dynos;

/// <summary>All that a dyno's plan depends on.</summary>
public sealed record ObservedDyno
{
    /// <summary>The Dyno as stored.</summary>
    public required Dyno Dyno { get; init; }

    /// <summary>The App that it names; null when there is none.</summary>
    public App? App { get; init; }

    /// <summary>The space of its namespace; null when the namespace belongs to none.</summary>
    public SpaceFacts? Space { get; init; }

    /// <summary>Whether there is a Space of the namespace's name; without <see cref="Space"/>, it has not taken the namespace yet.</summary>
    public bool SpaceExists { get; init; }

    /// <summary>The releases of the app.</summary>
    public IReadOnlyList<ReleaseRecord> Releases { get; init; } = [];

    /// <summary>The pods that the Dyno owns.</summary>
    public IReadOnlyList<PodFacts> Pods { get; init; } = [];

    /// <summary>Names of pods of other owners that turned out to be in the way; the plan avoids them. Mostly empty: names collide by chance only.</summary>
    public IReadOnlyCollection<string> TakenPodNames { get; init; } = [];
}
