using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Routing;

namespace Dynospace.Planning.Apps;

/// <summary>All that an app's plan depends on.</summary>
public sealed record ObservedApp
{
    /// <summary>The App as stored.</summary>
    public required App App { get; init; }

    /// <summary>The space of the app's namespace; null when the namespace belongs to none.</summary>
    public SpaceFacts? Space { get; init; }

    /// <summary>Whether there is a Space of the namespace's name; without <see cref="Space"/>, it has not taken the namespace yet.</summary>
    public bool SpaceExists { get; init; }

    /// <summary>All Dynos of the namespace that name this app, whoever made them.</summary>
    public IReadOnlyList<Dyno> Dynos { get; init; } = [];

    /// <summary>The releases that the App owns.</summary>
    public IReadOnlyList<ReleaseRecord> Releases { get; init; } = [];

    /// <summary>The Secrets that exist of those that <c>configFrom</c> names.</summary>
    public IReadOnlyList<SecretDigest> Secrets { get; init; } = [];

    /// <summary>What decides about its routes.</summary>
    public RouteFacts Routes { get; init; } = RouteFacts.Unknown;

    /// <summary>The Services that the App owns and those that have a name which it needs (<see cref="AppNames"/>).</summary>
    public IReadOnlyList<ServiceFacts> Services { get; init; } = [];
}
