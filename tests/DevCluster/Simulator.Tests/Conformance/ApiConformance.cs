using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>
/// What every Kubernetes API server must satisfy: each derived class is run against the dev cluster and, where one is
/// given, against a real server, so that the two cannot drift apart. Each test has a namespace of its own.
/// </summary>
public abstract class ApiConformance(IApiUnderTest api) : IAsyncLifetime
{
    protected const string MergePatch = "application/merge-patch+json";
    protected const string StrategicPatch = "application/strategic-merge-patch+json";
    protected const string JsonPatch = "application/json-patch+json";
    protected const string ApplyPatch = "application/apply-patch+yaml";

    private HttpClient? _client;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected HttpClient Client => _client!;

    protected string Namespace { get; } = "conformance-" + Guid.NewGuid().ToString("N")[..10];

    protected string ConfigMaps => $"/api/v1/namespaces/{Namespace}/configmaps";

    public async ValueTask InitializeAsync()
    {
        _client = await api.ConnectAsync(Cancelled);
        var created = await PostAsync("/api/v1/namespaces", $$"""{"metadata":{"name":"{{Namespace}}" } }""");
        Assert.Equal(201, created.Code);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_client is not null)
        {
            await SendAsync("DELETE", $"/api/v1/namespaces/{Namespace}");
        }
    }

    protected Task<ApiReply> GetAsync(string path, string? accept = null) => SendAsync("GET", path, accept: accept);

    protected Task<ApiReply> PostAsync(string path, string body) => SendAsync("POST", path, body);

    protected Task<ApiReply> PutAsync(string path, JsonObject body) => SendAsync("PUT", path, body.ToJsonString());

    protected Task<ApiReply> PatchAsync(string path, string body, string type = MergePatch) =>
        SendAsync("PATCH", path, body, type);

    protected Task<ApiReply> DeleteAsync(string path, string? body = null) => SendAsync("DELETE", path, body);

    protected Task<ApiReply> CreateConfigMapAsync(string name, string rest = "") =>
        PostAsync(ConfigMaps, $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"}{{rest}}}""");

    protected async Task<ApiReply> SendAsync(
        string method, string path, string? body = null, string type = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Accept.ParseAdd(accept ?? "application/json");
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        using var response = await Client.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.ToList() : [];
        return new ApiReply((int)response.StatusCode, Parse(text), warnings);
    }

    private static JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? [];
        }
        catch (System.Text.Json.JsonException)
        {
            return new JsonObject { ["text"] = text };
        }
    }
}
