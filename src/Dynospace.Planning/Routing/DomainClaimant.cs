using Dynospace.Api.Apps;

namespace Dynospace.Planning.Routing;

/// <summary>An app and the domains that it asks for.</summary>
/// <param name="Space">The space, also the app's namespace.</param>
/// <param name="App">The app's name.</param>
/// <param name="Uid">The app's uid.</param>
/// <param name="Created">When the app was created, by the second.</param>
/// <param name="Domains">The domains of its spec.</param>
public sealed record DomainClaimant(string Space, string App, string Uid, DateTimeOffset Created, IReadOnlyList<string> Domains)
{
    /// <summary>Its place among those that ask for the same domain.</summary>
    public ClaimAge Age => new(Created, Uid);

    /// <summary>What an App claims. One without a time of creation is the youngest of all: it is not stored yet.</summary>
    public static DomainClaimant Of(App app) =>
        new(
            app.Metadata.NamespaceProperty,
            app.Metadata.Name,
            app.Metadata.Uid ?? "",
            app.Metadata.CreationTimestamp is { } created ? new(DateTime.SpecifyKind(created, DateTimeKind.Utc)) : DateTimeOffset.MaxValue,
            [.. app.Spec.Domains ?? []]);
}
