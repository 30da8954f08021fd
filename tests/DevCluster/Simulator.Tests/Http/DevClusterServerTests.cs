using System.Net;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Tests.Conformance;

namespace DevCluster.Simulator.Tests.Http;

public sealed class DevClusterServerTests
{
    private static readonly DevClusterOptions ApiOnly = new() { ControlPlane = null };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_taken_port_is_named_with_its_remedy()
    {
        await using var first = await DevClusterServer.StartAsync(ApiOnly, Cancelled);
        var failure = await Assert.ThrowsAsync<IOException>(
            () => DevClusterServer.StartAsync(ApiOnly with { Port = first.Address.Port }, Cancelled));

        Assert.Equal(
            $"port: {first.Address.Port} on 127.0.0.1 is taken by another program; end it or choose another port (0 "
            + $"takes any free one)",
            failure.Message);
    }

    [Fact]
    public async Task Each_start_has_a_certificate_and_a_token_of_its_own()
    {
        await using var one = await DevClusterServer.StartAsync(ApiOnly, Cancelled);
        await using var two = await DevClusterServer.StartAsync(ApiOnly, Cancelled);

        Assert.NotEqual(one.CertificateAuthority, two.CertificateAuthority);
        using var client = KubeconfigClients.Create(one.Kubeconfig());
        Assert.Equal(
            HttpStatusCode.OK,
            (await client.GetAsync(new Uri("/api/v1/nodes", UriKind.Relative), Cancelled)).StatusCode);
        using var stranger = KubeconfigClients.Create(
            two.Kubeconfig().Replace($":{two.Address.Port}", $":{one.Address.Port}", StringComparison.Ordinal));
        await Assert.ThrowsAsync<HttpRequestException>(
            () => stranger.GetAsync(new Uri("/version", UriKind.Relative), Cancelled));
    }

    [Fact]
    public async Task An_unknown_user_is_named()
    {
        await using var server = await DevClusterServer.StartAsync(ApiOnly, Cancelled);

        Assert.Contains(
            "no user \"eve\"; there are admin",
            Assert.Throws<ArgumentException>(() => server.Kubeconfig("eve")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_of_a_compacted_revision_gets_an_error_event()
    {
        await using var server = await DevClusterServer.StartAsync(ApiOnly, Cancelled);
        var registry = (ResourceRegistry)server.Registry;
        registry.Create(
            new ResourceId("", "namespaces"),
            new JsonObject { ["metadata"] = new JsonObject { ["name"] = "n" } },
            new WriteOptions("test"));
        registry.Store.Compact(new ResourceId("", "namespaces"));
        using var client = KubeconfigClients.Create(server.Kubeconfig());

        var text =
            await client.GetStringAsync(
                new Uri("/api/v1/namespaces?watch=true&resourceVersion=1", UriKind.Relative), Cancelled);

        var item = JsonNode.Parse(text)!;
        Assert.Equal("ERROR", (string?)item["type"]);
        Assert.Equal(("Expired", 410), ((string?)item["object"]!["reason"], (int?)item["object"]!["code"]));
    }

    [Fact]
    public async Task A_watch_of_a_deleted_resource_ends()
    {
        await using var server = await DevClusterServer.StartAsync(ApiOnly, Cancelled);
        using var client = KubeconfigClients.Create(server.Kubeconfig());
        var crd = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "things.g.example" },
            ["spec"] = JsonNode.Parse(
                """
                {"group":"g.example","scope":"Cluster","names":{"plural":"things","kind":"Thing"},
                 "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}
                """),
        };
        var definitions = new ResourceId("apiextensions.k8s.io", "customresourcedefinitions");
        server.Registry.Create(definitions, crd, new WriteOptions("test"));
        var watch =
            await client.GetStreamAsync(new Uri("/apis/g.example/v1/things?watch=true", UriKind.Relative), Cancelled);
        server.Registry.Delete(definitions, null, "things.g.example", new DeletionOptions());

        Assert.Equal(0, await watch.ReadAsync(new byte[1], Cancelled));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        await using var server = await DevClusterServer.StartAsync(ApiOnly, Cancelled);
        using var client = KubeconfigClients.Create(server.Kubeconfig());
        using var content = new StringContent(
            new string(' ', 4 * 1024 * 1024), System.Text.Encoding.UTF8, "application/json");
        using var reply = await client.PostAsync(new Uri("/api/v1/namespaces", UriKind.Relative), content, Cancelled);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.StatusCode);
    }
}
