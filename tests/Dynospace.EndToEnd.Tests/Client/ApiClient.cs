using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>
/// The API as the tests use it: HTTP and JSON, with nothing of the operator's own transport, so that a fault there
/// cannot hide itself.
/// </summary>
internal sealed class ApiClient(KubernetesClientConfiguration configuration) : IDisposable
{
    public const string Json = "application/json";
    public const string MergePatch = "application/merge-patch+json";
    public const string ApplyPatch = "application/apply-patch+yaml";
    public const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private readonly Kubernetes _kubernetes = new(configuration);

    public static JsonObject ToJson(object value) => JsonNode.Parse(KubernetesJson.Serialize(value))!.AsObject();

    public Task<ApiAnswer> CreateAsync(IKubernetesObject<V1ObjectMeta> value, CancellationToken cancellationToken) =>
        CreateAsync(KindOf(value), ToJson(value), "", cancellationToken);

    public Task<ApiAnswer> CreateAsync(
        ResourceKind kind, JsonObject value, string query, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        kind.CollectionPath((string?)value["metadata"]!["namespace"]) + query,
        value,
        Json,
        Json,
        cancellationToken);

    public Task<ApiAnswer> ReplaceAsync(
        ResourceKind kind, JsonObject value, string query, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Put, kind.ObjectPath(JsonObjects.KeyOf(value)) + query, value, Json, Json, cancellationToken);

    public Task<ApiAnswer> ApplyAsync(ResourceKind kind, JsonObject value, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Patch,
            kind.ObjectPath(JsonObjects.KeyOf(value)) + "?fieldManager=tests&force=true",
            value,
            ApplyPatch,
            Json,
            cancellationToken);

    public Task<ApiAnswer> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, kind.ObjectPath(key), null, Json, Json, cancellationToken);

    /// <summary>All objects of a kind.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(ResourceKind kind, CancellationToken cancellationToken)
        where T : class =>
        [
            .. (await SendAsync(
                HttpMethod.Get,
                kind.CollectionPath(null),
                null,
                Json,
                Json,
                cancellationToken)).Require()["items"]!.AsArray().Select(item => JsonObjects.To<T>(item!)),
        ];

    /// <summary>Patches an object, or a subresource of it, by a JSON merge patch.</summary>
    public Task<ApiAnswer> PatchAsync(
        ResourceKind kind, ObjectKey key, JsonObject patch, string? subresource, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, kind.ObjectPath(key, subresource), patch, MergePatch, Json, cancellationToken);

    public Task<ApiAnswer> DeleteAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Delete,
            kind.ObjectPath(key),
            new JsonObject { ["propagationPolicy"] = "Background" },
            Json,
            Json,
            cancellationToken);

    /// <summary>Cordons a node or, also at the end of a test that was cancelled, ends that.</summary>
    public async Task CordonAsync(string node, bool isCordoned) => (await PatchAsync(
        Kinds.Node,
        ObjectKey.ClusterScoped(node),
        new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = isCordoned } },
        null,
        CancellationToken.None)).Require();

    /// <summary>Asks for an eviction, which a PodDisruptionBudget may refuse.</summary>
    public Task<ApiAnswer> EvictAsync(SeenObject pod, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        Kinds.Pod.ObjectPath(pod.Key, "eviction"),
        new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = pod.Name, ["namespace"] = pod.Namespace },
        },
        Json,
        Json,
        cancellationToken);

    public async Task<ApiAnswer> SendAsync(
        HttpMethod method,
        string path,
        JsonNode? body,
        string contentType,
        string accept,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            using var response = await OpenAsync(method, path, body, contentType, accept, cancellationToken);
            if (response is { StatusCode: HttpStatusCode.TooManyRequests, Headers.RetryAfter.Delta: { } pause })
            {
                // A server says so until its storage of a new kind is ready.
                await Task.Delay(pause, cancellationToken);
                continue;
            }

            return new ApiAnswer(response.StatusCode, await BodyAsync(response.Content, cancellationToken));
        }
    }

    /// <summary>A real server answers in plain text where it does not know the group.</summary>
    private static async Task<JsonObject> BodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentType?.MediaType != Json)
        {
            return new() { ["message"] = await content.ReadAsStringAsync(cancellationToken) };
        }

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        return (JsonObject)(await JsonNode.ParseAsync(stream, cancellationToken: cancellationToken))!;
    }

    /// <summary>The events of a watch until the server closes it.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(
        ResourceKind kind, string resourceVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = $"{kind.CollectionPath(null)}?watch=true&allowWatchBookmarks=true&resourceVersion={resourceVersion}";
        using var response = await OpenAsync(HttpMethod.Get, path, null, Json, Json, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return JsonNode.Parse(line)!.AsObject();
        }
    }

    /// <summary>Runs a command in a container of a pod, its only one if none is named; what it wrote.</summary>
    public async Task<string> ExecAsync(
        ObjectKey pod, string? container, IEnumerable<string> command, CancellationToken cancellationToken)
    {
        var output = "";
        await _kubernetes.NamespacedPodExecAsync(
            pod.Name, pod.Namespace, container, command, false, ReadAsync, cancellationToken);
        return output;

        async Task ReadAsync(Stream input, Stream written, Stream errors)
        {
            using var reader = new StreamReader(written);
            output = await reader.ReadToEndAsync(cancellationToken);
        }
    }

    /// <summary>What a container wrote so far.</summary>
    public async Task<string> LogAsync(ObjectKey pod, CancellationToken cancellationToken)
    {
        using var response =
            await OpenAsync(HttpMethod.Get, Kinds.Pod.ObjectPath(pod, "log"), null, Json, Json, cancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
    }

    public void Dispose() => _kubernetes.Dispose();

    private static ResourceKind KindOf(IKubernetesObject<V1ObjectMeta> value) =>
        value is Dynospace.Api.Spaces.Space ? Kinds.Space : ResourceKind.For(value.GetType());

    private async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method,
        string path,
        JsonNode? body,
        string contentType,
        string accept,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_kubernetes.BaseUri, path))
        {
            Content = body is null
                ? null
                : new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(contentType)),
        };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (_kubernetes.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        return await _kubernetes.HttpClient.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}
