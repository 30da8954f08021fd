// Client: what the verbs share that ask a cluster: its kubeconfig, reads and changes, names of dynos, output as text or
// JSON.

using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Terminal;
using Dynospace.Hosting;
using Dynospace.Hosting.Options;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Client;

// What the daily verbs share: a connection to a cluster, the space and the app that the command line names, and changes
// of an App that respect what other tools keep.

/// <summary>
/// The kinds that the verbs read and write. Each is looked up when it is needed: a verb needs few of them.
/// </summary>
public static class ClientKinds
{
    public static ResourceKind Space => field ??= ResourceKind.For<Space>(isNamespaced: false);

    public static ResourceKind App => field ??= ResourceKind.For<App>(isNamespaced: true);

    public static ResourceKind Dyno => field ??= ResourceKind.For<Dyno>(isNamespaced: true);

    public static ResourceKind Revision => field ??= ResourceKind.For<V1ControllerRevision>();

    public static ResourceKind Secret => field ??= ResourceKind.For<V1Secret>();

    public static ResourceKind Pod => field ??= ResourceKind.For<V1Pod>();

    public static ResourceKind Service => field ??= ResourceKind.For<V1Service>();

    public static ResourceKind NetworkPolicy => field ??= ResourceKind.For<V1NetworkPolicy>();

    public static ResourceKind EgressGateway => field ??= ResourceKind.For<EgressGateway>(isNamespaced: false);

    public static ResourceKind NodeNetwork => field ??= ResourceKind.For<NodeNetwork>(isNamespaced: false);
}

/// <summary>A connection to one cluster, and the space and app that the command line names.</summary>
public sealed class Session : IDisposable
{
    private const int PageSize = 500;

    /// <summary>A verb sends few requests, so that HTTP/2 would cost more than it saves.</summary>
    private static readonly ApiTransportOptions TransportOptions = new()
    {
        UserAgent = CliEnvironment.ClientName,
        HttpVersion = HttpVersion.Version11,
    };

    private readonly string? _space;
    private readonly string? _app;

    private Session(
        KubernetesClientConfiguration configuration, string? space, string? app, TimeProvider clock)
    {
        Client = ApiClient.Create(configuration);
        Transport = new ApiTransport(Client, TransportOptions, clock);
        (_space, _app) = (space, app);
    }

    /// <summary>KubernetesClient's own, for WebSockets.</summary>
    public Kubernetes Client { get; }

    public ApiTransport Transport { get; }

    /// <summary>The space of the command line, of the app's name, or of the kubeconfig's context.</summary>
    public string Space => _space
        ?? throw new CliException(
            "which space? Give --space SPACE, or set the namespace of your kubeconfig's context: "
            + "kubectl config set-context --current --namespace SPACE.");

    /// <summary>Whether the command line or the kubeconfig names a space.</summary>
    public bool HasSpace => _space is not null;

    /// <summary>Whether the command line or the environment names an app.</summary>
    public bool HasApp => _app is not null;

    /// <exception cref="CliException">The kubeconfig cannot be used.</exception>
    internal static Session Open(SessionChoice choice, TimeProvider clock)
    {
        try
        {
            var configuration = new ClusterConnection(choice.Kubeconfig, choice.Context).Read();
            var app = choice.App is { Length: > 0 } named ? Key(named) : default;
            var space = choice.Space ?? app.Namespace ?? NullIfEmpty(configuration.Namespace);
            return new Session(configuration, space, NullIfEmpty(app.Name), clock);
        }
        catch (Exception e) when (e is KubeconfigException or UriFormatException)
        {
            throw new CliException(
                $"the kubeconfig cannot be used: {e.Message.TrimEnd('.')}. Name one with --kubeconfig FILE.", e);
        }
    }

    public Task<List<Space>> SpacesAsync(CancellationToken cancellationToken) =>
        ListAsync<Space>(ClientKinds.Space, null, null, cancellationToken);

    public Task<List<App>> AppsAsync(CancellationToken cancellationToken) =>
        ListAsync<App>(ClientKinds.App, Space, null, cancellationToken);

    /// <summary>The dynos of the space, or of one app.</summary>
    public async Task<List<Dyno>> DynosAsync(string? app, CancellationToken cancellationToken) =>
    [
        .. (await ListAsync<Dyno>(ClientKinds.Dyno, Space, null, cancellationToken))
            .Where(dyno => app is null || dyno.Spec.App == app)
            .OrderBy(DynoNames.OrderOf, StringComparer.Ordinal),
    ];

    /// <summary>The stored releases of an app, oldest first.</summary>
    public async Task<List<ReleaseRevision>> ReleasesAsync(App app, CancellationToken cancellationToken) =>
    [
        .. (await ListAsync<V1ControllerRevision>(
                ClientKinds.Revision, Space, $"{Api.Labels.App}={app.Metadata.Name}", cancellationToken))
            .Where(revision => revision.Metadata.OwnerReferences?.Any(
                owner => owner.Uid == app.Metadata.Uid) == true)
            .Select(revision => (Revision: revision, Record: ReleaseRecord.FromRevision(revision)))
            .Where(stored => stored.Record is not null)
            .Select(stored => new ReleaseRevision(stored.Record!, stored.Revision))
            .OrderBy(stored => stored.Record.Number),
    ];

    public async Task<List<T>> ListAsync<T>(
        ResourceKind kind, string? space, string? labels, CancellationToken cancellationToken)
        where T : class =>
        await Transport.ListAllAsync(
            kind,
            new ListQuery { Namespace = space, LabelSelector = labels, Limit = PageSize },
            ClientJson.To<T>,
            cancellationToken).ToListAsync(cancellationToken);

    /// <summary>An object; null if it does not exist or the user may not read it.</summary>
    public async Task<T?> FindAsync<T>(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return ClientJson.To<T>(await Transport.GetAsync(kind, key, cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    /// <summary>The app that the command line or <c>DYNOSPACE_APP</c> names.</summary>
    /// <exception cref="CliException">None is named, or it does not exist; the message lists those that do.
    /// </exception>
    public async Task<App> AppAsync(CancellationToken cancellationToken) =>
        ClientJson.To<App>(await AppContentAsync(cancellationToken));

    /// <inheritdoc cref="AppAsync"/>
    public async Task<JsonObject> AppContentAsync(CancellationToken cancellationToken)
    {
        if (_app is not { } name)
        {
            var known = Names.List(await NamesOfAppsAsync(cancellationToken));
            throw new CliException($"which app? Give -a APP, or set DYNOSPACE_APP. Space {Space}: {known}.");
        }

        try
        {
            return await Transport.GetAsync(ClientKinds.App, new ObjectKey(Space, name), cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            await RequireSpaceAsync(cancellationToken);
            var known = await NamesOfAppsAsync(cancellationToken);
            throw new CliException($"no app \"{name}\" in space {Space}; {Names.ThereAre(name, known)}", e);
        }
    }

    /// <summary>Checks the space: the lists of a namespace that does not exist are empty as well.</summary>
    /// <returns>The Space; null if the user may not read it.</returns>
    /// <exception cref="CliException">The space does not exist. Not thrown if the user may not read Spaces.</exception>
    public async Task<Space?> RequireSpaceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return ClientJson.To<Space>(
                await Transport.GetAsync(ClientKinds.Space, ObjectKey.ClusterScoped(Space), cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            var known = (await SpacesAsync(cancellationToken)).Select(space => space.Metadata.Name);
            throw new CliException($"no space \"{Space}\"; {Names.ThereAre(Space, known)}", e);
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            // Tenants may not read the Space itself.
            return null;
        }
    }

    public void Dispose() => Client.Dispose();

    private async Task<IEnumerable<string>> NamesOfAppsAsync(CancellationToken cancellationToken) =>
        (await AppsAsync(cancellationToken)).Select(app => app.Metadata.Name);

    private static ObjectKey Key(string text) => ObjectKey.TryParse(text, out var key)
        ? key
        : throw new CliException($"app '{text}' is not a name: write shop, or acme-prod/shop.");

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>What the command line says about the cluster, the space and the app.</summary>
internal sealed record SessionChoice(string? Kubeconfig, string? Context, string? Space, string? App);

/// <summary>A release and the revision that stores it.</summary>
public sealed record ReleaseRevision(ReleaseRecord Record, V1ControllerRevision Revision);

/// <summary>Names in messages.</summary>
public static class Names
{
    private const int Most = 20;

    /// <summary>As in <c>there are: shop, blog</c>, with names similar to the wanted one first.</summary>
    public static string ThereAre(string wanted, IEnumerable<string> known)
    {
        var all = known.Order(StringComparer.Ordinal).ToList();
        var near = Suggestions.For(wanted, all);
        return all.Count switch
        {
            0 => "there is none",
            1 => $"there is: {all[0]}",
            _ => $"there are: {Joined([.. near, .. all.Except(near)])}",
        };
    }

    /// <summary>The message for a part that an app does not have.</summary>
    public static string Unknown(App app, string part, string wanted, IEnumerable<string> known) =>
        $"app {app.Metadata.Name} has no {part} \"{wanted}\"; {ThereAre(wanted, known)}";

    /// <exception cref="CliException">One of the wanted names is unknown.</exception>
    public static void Check(App app, string part, IEnumerable<string> wanted, ICollection<string> known)
    {
        if (wanted.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new CliException(Unknown(app, part, unknown, known));
        }
    }

    /// <exception cref="CliException">The app has no such process type.</exception>
    public static ProcessSpec ProcessOf(App app, string type)
    {
        var processes = app.Spec.Processes ?? [];
        Check(app, "process type", [type], [.. processes.Select(process => process.Type)]);
        return processes.First(process => process.Type == type);
    }

    /// <summary>Names for a sentence that is not about a misspelt one.</summary>
    public static string List(IEnumerable<string> known)
    {
        var all = known.Order(StringComparer.Ordinal).ToList();
        return all.Count == 0 ? "there is none" : Joined(all);
    }

    private static string Joined(List<string> names) => names.Count <= Most
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(Most))} and {names.Count - Most} more";
}
