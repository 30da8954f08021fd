using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Simulator.Tests.Conformance;

namespace DevCluster.Simulator.Tests.Http;

public sealed class AdmissionOverHttpTests
{
    private const string Workload =
        """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"a":"b"}},
         "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_pod_security_warns_of_reaches_the_client()
    {
        await using var server =
            await DevClusterServer.StartAsync(new DevClusterOptions { ControlPlane = null }, Cancelled);
        using var client = KubeconfigClients.Create(server.Kubeconfig());
        await PostAsync(
            client,
            "/api/v1/namespaces",
            """{"metadata":{"name":"n","labels":{"pod-security.kubernetes.io/warn":"restricted"}}}""");

        using var reply = await PostAsync(client, "/apis/apps/v1/namespaces/n/deployments", Workload);

        var warning = Assert.Single(reply.Headers.GetValues("Warning"));
        Assert.StartsWith(
            "299 - \"would violate PodSecurity \\\"restricted:latest\\\": ", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_warned_of_where_the_namespace_asks_for_nothing()
    {
        await using var server =
            await DevClusterServer.StartAsync(new DevClusterOptions { ControlPlane = null }, Cancelled);
        using var client = KubeconfigClients.Create(server.Kubeconfig());
        await PostAsync(client, "/api/v1/namespaces", """{"metadata":{"name":"n"}}""");

        using var reply = await PostAsync(client, "/apis/apps/v1/namespaces/n/deployments", Workload);

        Assert.False(reply.Headers.Contains("Warning"));
    }

    [Fact]
    public async Task Who_creates_an_object_owns_its_defaults()
    {
        await using var server =
            await DevClusterServer.StartAsync(new DevClusterOptions { ControlPlane = null }, Cancelled);
        using var client = KubeconfigClients.Create(server.Kubeconfig());
        await PostAsync(client, "/api/v1/namespaces", """{"metadata":{"name":"n"}}""");

        using var reply = await PostAsync(client, "/apis/apps/v1/namespaces/n/deployments", Workload);

        Assert.True((await OwnedSpecAsync(reply)).ContainsKey("f:replicas"));
    }

    [Fact]
    public async Task Who_applies_an_object_owns_only_what_was_applied()
    {
        await using var server =
            await DevClusterServer.StartAsync(new DevClusterOptions { ControlPlane = null }, Cancelled);
        using var client = KubeconfigClients.Create(server.Kubeconfig());
        await PostAsync(client, "/api/v1/namespaces", """{"metadata":{"name":"n"}}""");

        using var content = new StringContent(Workload, Encoding.UTF8, "application/apply-patch+yaml");
        using var reply = await client.PatchAsync(
            new Uri("/apis/apps/v1/namespaces/n/deployments/web?fieldManager=m", UriKind.Relative), content, Cancelled);

        Assert.Equal(HttpStatusCode.Created, reply.StatusCode);
        var owned = await OwnedSpecAsync(reply);
        Assert.True(owned.ContainsKey("f:selector"));
        Assert.False(owned.ContainsKey("f:replicas"));
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var reply = await client.PostAsync(new Uri(path, UriKind.Relative), content, Cancelled);
        Assert.Equal(HttpStatusCode.Created, reply.StatusCode);
        return reply;
    }

    private static async Task<JsonObject> OwnedSpecAsync(HttpResponseMessage reply)
    {
        var stored = JsonNode.Parse(await reply.Content.ReadAsStringAsync(Cancelled))!;
        return stored["metadata"]!["managedFields"]![0]!["fieldsV1"]!["f:spec"]!.AsObject();
    }
}
