// Rendering: plans manifests as the operator would and gives the objects that it would make.

using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>
/// Renders what the operator would make of manifests, with the operator's own planners and without a cluster.
/// </summary>
public sealed class PlatformRenderer(
    PlatformInput input, ClusterFacts cluster, PlatformOptions options, bool assumeSecrets)
{
    /// <summary>
    /// Replaces the hash of the values: output ends up in repositories, and a weak secret can be guessed from its
    /// hash.
    /// </summary>
    private const string UnknownContent = "";

    private readonly List<IKubernetesObject<V1ObjectMeta>> _objects = [];
    private readonly List<RenderProblem> _problems = [];

    public RenderedPlatform Render()
    {
        var spaces = new SpaceRenderer(input, cluster, options);
        var facts = new Dictionary<string, SpaceFacts?>(StringComparer.Ordinal);
        foreach (var space in input.Spaces)
        {
            var rendering = spaces.Render(space);
            facts[space.Metadata.Name] = rendering.Facts;
            Add(rendering.Objects, rendering.Problems);
        }

        Add(spaces.RenderShared(facts.Values.Any(space => space?.Runtime == SpaceRuntime.Common)), []);
        var claims = DomainClaims.Settle(
            input.Apps.Where(app => facts.GetValueOrDefault(app.Metadata.NamespaceProperty) is not null)
                .Select(DomainClaimant.FromApp),
            options.Router.BaseDomain);
        foreach (var app in input.Apps)
        {
            var rendering = RenderApp(app, facts.GetValueOrDefault(app.Metadata.NamespaceProperty), claims);
            Add(rendering.Objects, rendering.Problems);
        }

        foreach (var orphan in input.Dynos.Where(dyno => !input.Apps.Any(app => Names(dyno, app))))
        {
            var plan = DynoPlanner.Plan(
                new() { Dyno = orphan, Space = facts.GetValueOrDefault(orphan.Metadata.NamespaceProperty) }, options);
            _problems.Add(RenderProblem.FromProblem(orphan, plan.Problem!));
        }

        return new RenderedPlatform([.. _objects.OrderBy(SpaceOf, StringComparer.Ordinal)], _problems);
    }

    private RenderedPlatform RenderApp(App app, SpaceFacts? space, DomainClaims claims)
    {
        var ns = app.Metadata.NamespaceProperty;
        return new AppRenderer(
            app,
            space,
            SecretsOf(app),
            new RouteFacts { Hosts = claims.HostsOf(DomainClaimant.FromApp(app)), TlsSecrets = TlsSecretsOf(app) },
            [.. input.OthersIn<V1Service>(ns)],
            [.. input.Dynos.Where(dyno => Names(dyno, app))],
            options).Render();
    }

    private List<SecretDigest> SecretsOf(App app) =>
    [
        .. (app.Spec.ConfigFrom ?? []).Select(source => source.SecretRef.Name).Distinct(StringComparer.Ordinal)
            .Where(name => assumeSecrets || IsThere(app.Metadata.NamespaceProperty, name))
            .Select(name => new SecretDigest(name, UnknownContent, IsToken(app.Metadata.NamespaceProperty, name))),
    ];

    /// <summary>Whether manifests show that a Secret holds a service account's token.</summary>
    private bool IsToken(string @namespace, string name) =>
        input.Secrets.Any(secret => secret.Metadata.Name == name && secret.Metadata.NamespaceProperty == @namespace
            && secret.Type == SecretDigest.TokenType);

    private Dictionary<string, string> TlsSecretsOf(App app) => TlsNames.SecretsOf(app).Distinct(StringComparer.Ordinal)
        .Where(name => assumeSecrets || IsThere(app.Metadata.NamespaceProperty, name))
        .ToDictionary(
            name => name,
            name => assumeSecrets
                ? RouteFacts.TlsType
                : input.Secrets.First(secret => secret.Metadata.Name == name
                    && secret.Metadata.NamespaceProperty == app.Metadata.NamespaceProperty).Type ?? "Opaque");

    private bool IsThere(string @namespace, string name) =>
        input.Secrets.Any(secret => secret.Metadata.Name == name && secret.Metadata.NamespaceProperty == @namespace);

    private void Add(IEnumerable<IKubernetesObject<V1ObjectMeta>> objects, IEnumerable<RenderProblem> problems)
    {
        _objects.AddRange(objects);
        _problems.AddRange(problems);
    }

    private static bool Names(Dyno dyno, App app) =>
        dyno.Spec.App == app.Metadata.Name && dyno.Metadata.NamespaceProperty == app.Metadata.NamespaceProperty;

    /// <summary>
    /// A stable sort by it puts each space together: namespace, policies and routers first, then its apps; the shared
    /// router goes before all.
    /// </summary>
    private static string SpaceOf(IKubernetesObject<V1ObjectMeta> item) =>
        item.Metadata.Labels?.TryGetValue(Labels.Space, out var space) == true ? space : "";
}
