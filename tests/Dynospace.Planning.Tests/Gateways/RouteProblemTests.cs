using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Gateways;

/// <summary>What an app's condition Routed says, and whether it stands in the way of Ready.</summary>
public sealed class RouteProblemTests
{
    private static readonly DateTimeOffset Before = Sample.Now.AddDays(-1);

    [Fact]
    public void An_app_without_wishes_is_served_by_its_generated_host()
    {
        var status = Status(App());

        Assert.Equal(["shop.acme.dynospace.localhost"], status.Hosts);
        Assert.Equal((ConditionStatus.True, Reasons.Routed), Routed(status));
    }

    [Fact]
    public void A_condition_names_the_older_app_that_has_the_domain()
    {
        var app = App("shop.example.com", "www.example.com");

        var status = Status(app, new DomainClaimant("acme", "older", "uid-older", Before, ["shop.example.com"]));

        Assert.Equal(["shop.acme.dynospace.localhost", "www.example.com"], status.Hosts);
        Assert.Equal((ConditionStatus.False, Reasons.DomainTaken), Routed(status));
        Assert.Equal(
            "spec.domains shop.example.com is granted to App older: remove it here or there. Served: "
            + "shop.acme.dynospace.localhost, www.example.com.",
            Message(status));
        Assert.Equal(Reasons.DomainTaken, Conditions.Find(status.Conditions, ConditionTypes.Stalled)?.Reason);
    }

    [Fact]
    public void An_app_of_another_space_is_not_named()
    {
        var status = Status(
            App("shop.example.com"),
            new DomainClaimant("secretive", "project-x", "uid-x", Before, ["shop.example.com"]));

        Assert.Equal(Reasons.DomainTaken, Routed(status).Reason);
        Assert.DoesNotContain("secretive", Message(status), StringComparison.Ordinal);
        Assert.DoesNotContain("project-x", Message(status), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_under_the_base_domain_is_the_platforms()
    {
        var status = Status(
            App("billing.bank.dynospace.localhost"),
            new DomainClaimant("bank", "billing", "uid-b", Sample.Now.AddDays(1), []));

        Assert.Equal(Reasons.DomainTaken, Routed(status).Reason);
        Assert.Contains("lies under dynospace.localhost", Message(status), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, nameof(Reasons.SecretNotFound))]
    [InlineData("Opaque", nameof(Reasons.SecretNotTls))]
    [InlineData("kubernetes.io/tls", nameof(Reasons.Routed))]
    public void A_certificate_comes_from_a_secret_that_holds_one(string? type, string reason)
    {
        var app = App();
        app.Spec.Tls = new() { Secrets = [new() { Name = "shop-tls" }] };
        var facts = new RouteFacts
        {
            TlsSecrets = type is null
                ? new Dictionary<string, string>()
                : new Dictionary<string, string> { ["shop-tls"] = type },
        };

        var status = Build(app, facts);

        Assert.Equal(reason, Routed(status).Reason);
        Assert.Equal(reason == Reasons.Routed, Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Fact]
    public void Without_cert_manager_an_issuer_says_how_to_install_it()
    {
        var app = App("shop.example.com");
        app.Spec.Tls = new() { IssuerRef = new() { Name = "letsencrypt" } };
        var without = RouteFacts.Unknown with { Served = [] };

        Assert.Equal(Reasons.NotProvisioned, Routed(Build(app, without)).Reason);
        Assert.Contains("install cert-manager", Message(Build(app, without)), StringComparison.Ordinal);

        app.Spec.Tls.Secrets = [new() { Name = "shop-tls" }];
        var facts = without with { TlsSecrets = new Dictionary<string, string> { ["shop-tls"] = RouteFacts.TlsType } };
        Assert.Equal(Reasons.Routed, Routed(Build(app, facts)).Reason);
    }

    [Fact]
    public void An_app_is_ready_as_its_certificate_is()
    {
        var app = App("shop.example.com");
        app.Spec.Tls = new() { IssuerRef = new() { Name = "letsencrypt" } };
        var facts = RouteFacts.Unknown with { Served = [ProviderKinds.Certificate] };

        Assert.Equal(Reasons.CertificatePending, Routed(Build(app, facts)).Reason);
        var pending = Build(app, facts with { Certificate = new(false, "DoesNotExist: Issuing certificate") });
        Assert.Equal(Reasons.CertificatePending, Routed(pending).Reason);
        Assert.Contains("DoesNotExist: Issuing certificate", Message(pending), StringComparison.Ordinal);
        Assert.False(Conditions.IsTrue(pending.Conditions, ConditionTypes.Stalled));
        Assert.True(
            Conditions.IsTrue(
                Build(app, facts with { Certificate = new(true, null) }).Conditions, ConditionTypes.Ready));
    }

    [Fact]
    public void A_secret_of_another_owner_is_not_overwritten()
    {
        var app = App("shop.example.com");
        app.Spec.Tls = new() { IssuerRef = new() { Name = "letsencrypt" } };
        var facts = RouteFacts.Unknown with { Served = [ProviderKinds.Certificate], IsIssuedSecretTaken = true };

        var plan = AppPlanner.Plan(Sample.Observed(app) with { Routes = facts }, Sample.Options);

        Assert.Empty(plan.Routing.Certificates);
        Assert.Equal(Reasons.NameTaken, plan.RouteProblem?.Reason);
    }

    [Fact]
    public void An_app_of_workers_has_its_hosts_and_says_that_it_has_no_web_process()
    {
        var app = Sample.App("jobs", ("worker", 1));

        var status = Build(app, RouteFacts.Unknown, "worker");

        Assert.Equal(["jobs.acme.dynospace.localhost"], status.Hosts);
        Assert.Equal(Reasons.NoWebProcess, Routed(status).Reason);
    }

    [Fact]
    public void An_app_whose_web_process_no_listener_serves_has_no_host()
    {
        var app = App("shop.example.com");
        app.Spec.InternalRouting = true;

        Assert.Null(Build(app, RouteFacts.Unknown).Hosts);
    }

    [Fact]
    public void All_domains_that_are_refused_are_named_each_with_its_cause()
    {
        var app = App("a.example.com", "b.example.com", "c.example.com", "x.dynospace.localhost", "mine.example.com");

        var message = Message(Status(
            app,
            new DomainClaimant("acme", "older", "uid-older", Before, ["a.example.com", "c.example.com"]),
            new DomainClaimant("rival", "secret", "uid-rival", Before, ["b.example.com"])));

        Assert.StartsWith(
            "spec.domains a.example.com, c.example.com is granted to App older: remove it here or there; "
            + "spec.domains b.example.com is granted to an App of another space: remove it, or ask the platform team; "
            + "spec.domains x.dynospace.localhost lies under dynospace.localhost",
            message,
            StringComparison.Ordinal);
        Assert.EndsWith("mine.example.com.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_spec_keeps_the_hosts_that_the_app_had_and_gets_no_new_one()
    {
        var app = App("kept.example.com", "lost.example.com", "new.example.com");
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "missing" } }];
        var older = new DomainClaimant("acme", "older", "uid-older", Before, ["lost.example.com"]);

        var status = Status(app, ["shop.acme.dynospace.localhost", "kept.example.com", "lost.example.com"], older);

        Assert.Equal((ConditionStatus.True, Reasons.Routed), Routed(status));
        Assert.Equal(
            Reasons.SecretNotFound, Conditions.Find(status.Conditions, ConditionTypes.Ready)?.Reason);
        Assert.Equal(["shop.acme.dynospace.localhost", "kept.example.com"], status.Hosts);
    }

    [Fact]
    public void An_app_whose_namespace_belongs_to_no_space_loses_its_hosts()
    {
        var app = App();
        app.Status = new() { Hosts = ["shop.acme.dynospace.localhost"] };
        var observed = Sample.Observed(app) with { Space = null };

        Assert.Empty(AppPlanner.Plan(observed, Sample.Options).Hosts);
    }

    private static App App(params string[] domains)
    {
        var app = Sample.App("shop", ("web", 1));
        app.Metadata.CreationTimestamp = Sample.Now.UtcDateTime;
        app.Spec.Domains = domains;
        return app;
    }

    private static AppStatus Status(App app, params DomainClaimant[] rivals) => Status(app, null, rivals);

    private static AppStatus Status(App app, string[]? before, params DomainClaimant[] rivals)
    {
        var claimant = DomainClaimant.FromApp(app);
        return Build(
            app,
            new()
            {
                Hosts = DomainClaims.Settle([claimant, .. rivals], Sample.Options.Router.BaseDomain).HostsOf(claimant),
            },
            before: before);
    }

    private static AppStatus Build(App app, RouteFacts facts, string type = "web", string[]? before = null)
    {
        var sources = (app.Spec.ConfigFrom ?? []).ToDictionary(
            source => source.SecretRef.Name, source => new SecretDigest(source.SecretRef.Name, "hash"));
        var release = ReleaseRecord.FromSpec(app.Spec, sources) with { Number = 1 };
        app.Status = new() { Release = 1, Hosts = before };
        var observed = Sample.Observed(app) with
        {
            Dynos = [Sample.UpDyno(app, type, 1)],
            Releases = [release],
            Routes = facts,
        };
        return AppStatusBuilder.Build(
            observed, AppPlanner.Plan(observed, Sample.Options), ApplyOutcome.Success, Sample.Options, Sample.Now);
    }

    private static (string Status, string Reason) Routed(AppStatus status) =>
        Conditions.Find(status.Conditions, ConditionTypes.Routed) is { } routed
            ? (routed.Status, routed.Reason)
            : default;

    private static string Message(AppStatus status) =>
        Conditions.Find(status.Conditions, ConditionTypes.Routed)!.Message;
}
