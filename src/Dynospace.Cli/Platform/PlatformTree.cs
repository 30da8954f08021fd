using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;

namespace Dynospace.Cli.Platform;

/// <summary>
/// Pure: spaces, their apps and their dynos, in order. An object whose parent is missing is shown below a placeholder.
/// </summary>
public static class PlatformTree
{
    public static IReadOnlyList<SpaceNode> Build(PlatformState state)
    {
        var spaces = state.Spaces.ToDictionary(space => space.Metadata.Name, StringComparer.Ordinal);
        var apps = state.Apps.ToLookup(app => app.Metadata.NamespaceProperty);
        var dynos = state.Dynos.ToLookup(dyno => dyno.Metadata.NamespaceProperty);
        return
        [
            .. spaces.Keys.Concat(apps.Select(group => group.Key)).Concat(dynos.Select(group => group.Key))
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(name => new SpaceNode(
                    spaces.TryGetValue(name, out var space) ? RowBuilder.FromSpace(space) : MissingSpace(name),
                    Apps(name, apps[name], dynos[name], state.WebAddresses))),
        ];
    }

    /// <summary>Every row, parents before children.</summary>
    public static IEnumerable<Row> Rows(IEnumerable<SpaceNode> tree) =>
        tree.SelectMany(space => space.Apps.SelectMany(app => app.Dynos.Prepend(app.Row)).Prepend(space.Row));

    private static List<AppNode> Apps(
        string @namespace,
        IEnumerable<App> apps,
        IEnumerable<Dyno> dynos,
        IReadOnlyDictionary<ObjectKey, string> addresses)
    {
        var byName = apps.ToDictionary(app => app.Metadata.Name, StringComparer.Ordinal);
        var byApp = dynos.ToLookup(dyno => dyno.Spec.App);
        return
        [
            .. byName.Keys.Concat(byApp.Select(group => group.Key))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                    .Select(name => new AppNode(
                        byName.TryGetValue(name, out var app)
                            ? RowBuilder.FromApp(app, addresses.GetValueOrDefault(new ObjectKey(@namespace, name)))
                            : MissingApp(@namespace, name),
                        Dynos(byApp[name]))),
        ];
    }

    /// <summary>Web first; then by type and number.</summary>
    private static List<Row> Dynos(IEnumerable<Dyno> dynos) =>
    [
        .. dynos.OrderBy(dyno => dyno.Spec.ProcessType != Api.ProcessTypes.Web)
            .ThenBy(dyno => dyno.Spec.ProcessType, StringComparer.Ordinal)
            .ThenBy(dyno => dyno.Spec.Index)
            .Select(RowBuilder.FromDyno),
    ];

    private static Row MissingSpace(string name) =>
        new(RowKind.Space, ObjectKey.ClusterScoped(
            name), name, Health.Bad, "no Space of this name: apply one, or move what is in the namespace");

    private static Row MissingApp(string @namespace, string name) =>
        new(RowKind.App, new ObjectKey(@namespace, name), name, Health.Bad, "no App of this name");
}

/// <summary>A space and its apps.</summary>
public sealed record SpaceNode(Row Row, IReadOnlyList<AppNode> Apps);

/// <summary>An app and its dynos.</summary>
public sealed record AppNode(Row Row, IReadOnlyList<Row> Dynos);

/// <summary>All that is known of spaces, apps and dynos at one moment.</summary>
/// <param name="WebAddresses">The address of each app's web Service, by the app's key.</param>
public sealed record PlatformState(
    IReadOnlyCollection<Space> Spaces,
    IReadOnlyCollection<App> Apps,
    IReadOnlyCollection<Dyno> Dynos,
    IReadOnlyDictionary<ObjectKey, string> WebAddresses)
{
    public static PlatformState Empty { get; } = new([], [], [], new Dictionary<ObjectKey, string>());
}

/// <summary>What is kept of a Service that belongs to an app.</summary>
/// <param name="Key">Its name, which for the web Service is the app's.</param>
/// <param name="Address">Where it answers; null for a headless one.</param>
internal sealed record WebService(ObjectKey Key, string? Address);
