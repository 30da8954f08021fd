using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Apps;

/// <summary>Every trigger of Apps: what a change was, and whom it wakes.</summary>
public sealed class AppTriggerTests
{
    /// <summary>
    /// Two apps ask for one domain from different namespaces; one app takes config vars from a Secret.
    /// </summary>
    private static readonly App[] Apps =
    [
        App("acme", "shop", domains: ["shop.example.com"], secret: "config"),
        App("acme", "jobs"),
        App("beta", "rival", domains: ["shop.example.com"], secret: "config"),
    ];

    private static readonly AppTriggers Triggers = new(
        new KnownStore<App>(
            Apps,
            (Indexes.Namespace, app => [app.Metadata.NamespaceProperty]),
            (Indexes.Domain, app => app.Spec.Domains ?? []),
            (Indexes.Secret, app =>
                (app.Spec.ConfigFrom
                    ?? []).Select(source => $"{app.Metadata.NamespaceProperty}/{source.SecretRef.Name}"))),
        new PlatformOptions());

    public static TheoryData<string, Dyno?, Dyno?, bool> DynoChanges => new()
    {
        { "created", null, Dyno(), true },
        { "deleted", Dyno(), null, true },
        { "another spec", Dyno(), Dyno(generation: 2), true },
        { "deletion begins", Dyno(), Dyno(isDeleting: true), true },
        { "another status", Dyno(), Dyno(state: DynoState.Crashed), false },
    };

    [Theory]
    [MemberData(nameof(DynoChanges))]
    public void A_dyno_wakes_its_app_at_once_when_it_comes_goes_or_has_another_spec(
        string what, Dyno? before, Dyno? after, bool isAtOnce)
    {
        ObjectKey[] app = [new("acme", "shop")];

        Assert.NotEmpty(what);
        Assert.Equal(isAtOnce ? app : [], AppTriggers.OnDyno(before, after));
        Assert.Equal(isAtOnce ? [] : app, AppTriggers.OnDynoStatus(before, after));
    }

    public static TheoryData<string, object?, object?, string[]> SecretChanges => new()
    {
        { "created", null, Secret(), ["shop"] },
        { "deleted", Secret(), null, ["shop"] },
        { "other values", Secret(), Secret(hash: "2"), ["shop"] },
        { "another type", Secret(), Secret(type: "kubernetes.io/tls"), ["shop"] },
        { "a certificate", Secret(), Secret() with { Certificate = "shop--tls" }, ["shop"] },
        { "labels only", Secret(), Secret(), [] },
        { "a name that no app uses", null, Secret(name: "other"), [] },
    };

    [Theory]
    [MemberData(nameof(SecretChanges))]
    public void A_secret_wakes_the_apps_of_its_namespace_that_use_it(
        string what, object? before, object? after, string[] apps)
    {
        Assert.NotEmpty(what);
        Assert.Equal(
            apps.Select(app => new ObjectKey("acme", app)),
            Triggers.OnSecret((SecretState?)before, (SecretState?)after));
    }

    public static TheoryData<string, App?, App?, string[]> DomainChanges => new()
    {
        { "taken", null, App("gamma", "new", ["shop.example.com"]), ["acme/shop", "beta/rival"] },
        { "given up", App("gamma", "new", ["shop.example.com"]), App("gamma", "new"), ["acme/shop", "beta/rival"] },
        { "deleted", App("gamma", "new", ["shop.example.com"]), null, ["acme/shop", "beta/rival"] },
        { "deletion begins", App(
            "gamma", "new", ["shop.example.com"]), Deleting(App("gamma", "new", ["shop.example.com"])),
        [
            "acme/shop",
            "beta/rival",
        ] },
        { "a namesake", App("gamma", "new", ["shop.example.com"]), Namesake(App("gamma", "new", ["shop.example.com"])),
        [
            "acme/shop",
            "beta/rival",
        ] },
        { "kept", App("gamma", "new", ["shop.example.com"]), App("gamma", "new", ["shop.example.com"]), [] },
        { "a domain that no other asks for", null, App("gamma", "new", ["new.example.com"]), [] },
    };

    [Theory]
    [MemberData(nameof(DomainChanges))]
    public void An_app_wakes_those_that_ask_for_its_domains(string what, App? before, App? after, string[] apps)
    {
        Assert.NotEmpty(what);
        Assert.Equal(apps, Triggers.OnRival(before, after).Select(key => key.ToString()));
    }

    public static TheoryData<string, Space?, Space?, bool> SpaceChanges => new()
    {
        { "created", null, Space(), true },
        { "deleted", Space(), null, true },
        { "deletion begins", Space(), Space(isDeleting: true), true },
        { "isolated", Space(), Space(isIsolated: true), true },
        { "the same", Space(isIsolated: true), Space(isIsolated: true), false },
    };

    [Theory]
    [MemberData(nameof(SpaceChanges))]
    public void A_space_wakes_its_apps_and_the_rivals_of_their_domains(
        string what, Space? before, Space? after, bool isMaterial)
    {
        Assert.NotEmpty(what);
        Assert.Equal(
            isMaterial ? ["acme/shop", "acme/jobs", "beta/rival"] : [],
            Triggers.OnSpace(before, after).Select(key => key.ToString()));
    }

    [Theory]
    [InlineData(null, "acme", true)]
    [InlineData("acme", null, true)]
    [InlineData("acme", "acme", false)]
    public void A_namespace_wakes_its_apps_when_its_space_changes(string? before, string? after, bool isMaterial) =>
        Assert.Equal(
            isMaterial ? ["acme/shop", "acme/jobs", "beta/rival"] : [],
            Triggers.OnNamespace(Namespace(before), Namespace(after)).Select(key => key.ToString()));

    [Theory]
    [InlineData("shop", null, "shop")]
    [InlineData("shop--web", null, "shop")]
    [InlineData("anything", "shop", "shop")]
    public void A_service_wakes_the_app_that_made_it_or_needs_its_name(string name, string? label, string app)
    {
        var service = ServiceNamed(name, label);

        Assert.Equal([new ObjectKey("acme", app)], AppTriggers.OnService(null, service));
        Assert.Equal([new ObjectKey("acme", app)], AppTriggers.OnService(service, null));
    }

    [Fact]
    public void A_stored_release_wakes_its_app()
    {
        var release = new StoredRelease(new ObjectKey("acme", "shop"), ServiceNamed("shop-r1", "shop").Live, null);

        Assert.Equal([new ObjectKey("acme", "shop")], AppTriggers.OnRelease(null, release));
        Assert.Equal([new ObjectKey("acme", "shop")], AppTriggers.OnRelease(release, null));
    }

    private static App App(string ns, string name, string[]? domains = null, string? secret = null) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = ns, Uid = $"uid-{name}" },
        Spec = new()
        {
            Domains = domains,
            ConfigFrom = secret is null ? null : [new() { SecretRef = new() { Name = secret } }],
        },
    };

    private static App Deleting(App app)
    {
        app.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        return app;
    }

    private static App Namesake(App app)
    {
        app.Metadata.Uid = "another";
        return app;
    }

    private static Dyno Dyno(long generation = 1, bool isDeleting = false, DynoState state = DynoState.Up) => new()
    {
        Metadata = new()
        {
            Name = "shop.web.1",
            NamespaceProperty = "acme",
            Generation = generation,
            DeletionTimestamp = isDeleting ? DateTime.UnixEpoch : null,
        },
        Spec = new() { App = "shop", ProcessType = "web", Index = 1 },
        Status = new() { State = state },
    };

    private static SecretState Secret(string name = "config", string hash = "1", string type = "Opaque") =>
        new("acme", new SecretDigest(name, hash), type);

    private static Space Space(bool isDeleting = false, bool isIsolated = false) => new()
    {
        Metadata = new() { Name = "acme", DeletionTimestamp = isDeleting ? DateTime.UnixEpoch : null },
        Status = new()
        {
            Conditions = isIsolated ? [new() { Type = ConditionTypes.NetworkIsolated, Status = "True" }] : null,
        },
    };

    private static V1Namespace Namespace(string? space) => new()
    {
        Metadata = new()
        {
            Name = "acme",
            Labels = space is null ? null : new Dictionary<string, string> { [Labels.Space] = space },
        },
    };

    private static ServiceState ServiceNamed(string name, string? app) => new(
        LiveObject.FromObject(Kinds.Service, new V1Service
        {
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = "acme",
                Uid = "u",
                ResourceVersion = "1",
                Labels = app is null ? null : new Dictionary<string, string> { [Labels.App] = app },
            },
        }),
        [],
        new Dictionary<string, string>());
}
