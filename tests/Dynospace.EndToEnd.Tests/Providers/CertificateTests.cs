using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Providers;

/// <summary>Certificates that cert-manager, here played by the test, gets for apps that name an issuer.</summary>
/// <remarks>Each test has a cluster of its own: cert-manager is there, or not, whichever test runs first.</remarks>
public sealed class CertificateTests : IAsyncLifetime
{
    private readonly ProviderPlatform _platform = new() { NeedsRouters = true };

    private static readonly ResourceKind Certificates = ForeignDefinitions.Of(ProviderKinds.Certificate);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _platform.InitializeAsync();
        await _platform.UseAsync(RouterProvider.Builtin, RouterImplementation.Other);
    }

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_certificate_is_ordered_once_cert_manager_is_there_and_the_router_may_read_it()
    {
        await using var space = _platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync(
            "shop",
            app =>
                (app.Domains, app.Tls) = ([
                    $"shop.{space.Name}.example",
                ], new() { IssuerRef = new() { Name = "letsencrypt" } }),
            ("web", 1));
        var without =
            await space.ConditionAsync(
                Kinds.App, space.In("shop"), ConditionTypes.Routed, "False", Reasons.NotProvisioned);
        Assert.Contains("install cert-manager", without.Message, StringComparison.Ordinal);

        await _platform.InstallAsync(Token, ProviderKinds.Certificate);
        var ordered = await space.ThereAsync(Certificates, space.In("shop--tls"));
        Assert.Equal(
            $"shop.{space.Name}.example", (string)Assert.Single(ordered.Content["spec"]!["dnsNames"]!.AsArray())!);
        await space.ConditionAsync(
            Kinds.App, space.In("shop"), ConditionTypes.Routed, "False", Reasons.CertificatePending);
        await IssueAsync(space);

        await space.AppReadyAsync("shop");
        var role = ResourceKind.For<V1Role>();
        var rules =
            (await _platform.Api.GetAsync(
                role, space.In(ComponentValues.RouterPublic), Token)).Require()["rules"]!.AsArray();
        Assert.Contains(
            rules,
            rule => (string)rule!["resources"]![0]! == "secrets" && (string)rule["resourceNames"]![0]! == "shop--tls");
        await space.PatchAppAsync("shop", new() { ["tls"] = null });
        await space.GoneAsync(Certificates, space.In("shop--tls"));
    }

    [Fact]
    public async Task A_secret_made_by_hand_is_not_given_to_cert_manager()
    {
        await _platform.InstallAsync(Token, ProviderKinds.Certificate);
        await using var space = _platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.SetSecretAsync("shop--tls", "tls.crt", "theirs");

        await space.CreateAppAsync(
            "shop",
            app =>
                (app.Domains, app.Tls) = ([
                    $"shop.{space.Name}.example",
                ], new() { IssuerRef = new() { Name = "letsencrypt" } }),
            ("web", 1));

        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Routed, "False", Reasons.NameTaken);
        Assert.Null(_platform.View.Now.Find(Certificates, space.In("shop--tls")));
    }

    /// <summary>What cert-manager does: the Secret first, then the condition.</summary>
    private async Task IssueAsync(TestSpace space)
    {
        (await _platform.Api.ApplyAsync(Kinds.Secret, new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["type"] = "kubernetes.io/tls",
            ["metadata"] = new JsonObject
            {
                ["name"] = "shop--tls",
                ["namespace"] = space.Name,
                ["annotations"] = new JsonObject { ["cert-manager.io/certificate-name"] = "shop--tls" },
            },
            ["stringData"] = new JsonObject { ["tls.crt"] = "certificate", ["tls.key"] = "key" },
        }, Token)).Require();
        var ready = new JsonObject
        {
            ["type"] = "Ready",
            ["status"] = "True",
            ["reason"] = "Ready",
            ["message"] = "Certificate is up to date",
        };
        (await _platform.Api.PatchAsync(
            Certificates,
            space.In("shop--tls"),
            new() { ["status"] = new JsonObject { ["conditions"] = new JsonArray(ready) } },
            "status",
            Token)).Require();
    }
}
