// Transport: speaks HTTP with the API server: credentials, time-outs, errors, watches.

using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;

namespace Dynospace.Runtime.Transport;

/// <summary>
/// A transport over the HTTP client and credentials of KubernetesClient, whose own calls make a string of each watch
/// line, parse it twice, lose errors and put whole bodies into exceptions.
/// </summary>
public sealed class ApiTransport(Kubernetes client, ApiTransportOptions options, TimeProvider clock) : IApiTransport
{
    /// <summary>Far above etcd's limit for one object, and far below what would exhaust memory.</summary>
    private const int LongestLine = 32 * 1024 * 1024;

    private readonly ApiSender _sender = new(client, options, clock);

    /// <summary>
    /// Why this process cannot work with the API server, for a readiness probe: its credentials have been refused for
    /// longer than <see cref="ApiTransportOptions.CredentialPatience"/>. Null if there is no problem.
    /// </summary>
    public string? Trouble =>
        _sender.RefusedSince is { } since && clock.GetUtcNow() - since >= options.CredentialPatience
        ? $"the API server has refused the credentials since {since:yyyy-MM-dd'T'HH:mm:ss'Z'} (401 Unauthorized): "
            + "renew the token or certificate"
        : null;

    /// <inheritdoc/>
    public Task<ListPage> ListAsync(ResourceKind kind, ListQuery query, CancellationToken cancellationToken) =>
        _sender.SendAsync(
        new ApiCall(HttpMethod.Get, "list", kind, ApiRequests.List(kind, query)),
        async (stream, token) => new ListPage(await JsonDocument.ParseAsync(stream, default, token)),
        cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceKind kind, WatchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await _sender.OpenAsync(
            new ApiCall(HttpMethod.Get, ApiCall.Watch, kind, ApiRequests.Watch(kind, query)), cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var lines = new LineReader(stream, LongestLine);
        while (await NextLineAsync(lines, cancellationToken) is { } line)
        {
            var watchEvent = WatchEventReader.Read(line, out var document);
            using (document)
            {
                yield return watchEvent;
            }
        }
    }

    /// <inheritdoc/>
    public Task<JsonObject> GetAsync(ResourceKind kind, ObjectKey key, CancellationToken cancellationToken) =>
        ObjectAsync(new ApiCall(HttpMethod.Get, "get", kind, kind.ObjectPath(key)), cancellationToken);

    /// <inheritdoc/>
    public Task<JsonObject> CreateAsync(
        ResourceKind kind, JsonObject content, WriteQuery query, CancellationToken cancellationToken)
    {
        var path = kind.CollectionPath((content["metadata"] as JsonObject)?["namespace"]?.GetValue<string>());
        return ObjectAsync(
            new ApiCall(
                HttpMethod.Post, "create", kind, ApiRequests.Write(path, query))
            { Body = ApiRequests.Body(content) },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<JsonObject> ApplyAsync(
        ResourceKind kind, ObjectKey key, JsonObject content, WriteQuery query, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(query.FieldManager))
        {
            throw new ArgumentException("An apply needs a field manager.", nameof(query));
        }

        var path = ApiRequests.Write(kind.ObjectPath(key, query.Subresource), query, isApply: true);
        return ObjectAsync(new ApiCall(
            HttpMethod.Patch, "apply", kind, path)
        { Body = ApiRequests.ApplyBody(content) }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<JsonObject> PatchAsync(
        ResourceKind kind, ObjectKey key, PatchFormat format, JsonNode patch, WriteQuery query,
        CancellationToken cancellationToken)
    {
        var path = ApiRequests.Write(kind.ObjectPath(key, query.Subresource), query);
        return ObjectAsync(
            new ApiCall(HttpMethod.Patch, "patch", kind, path)
            {
                Body = ApiRequests.PatchBody(
                patch, format)
            }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(ResourceKind kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken) =>
        _sender.SendAsync(
        new ApiCall(HttpMethod.Delete, "delete", kind, kind.ObjectPath(key)) { Body = ApiRequests.DeleteBody(query) },
        async (stream, token) =>
        {
            // The answer is read to its end so that the connection can be used again.
            await stream.CopyToAsync(Stream.Null, token);
            return true;
        },
        cancellationToken);

    /// <summary>
    /// Opens the text of a subresource, such as a pod's log, which may be endless. Disposing the stream closes its
    /// connection.
    /// </summary>
    /// <param name="headers">Headers for the service behind the API server, if the subresource is a proxy.</param>
    public async Task<Stream> OpenTextAsync(
        ResourceKind kind, ObjectKey key, string subresource, IReadOnlyDictionary<string, string> parameters,
        CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? headers = null)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var path = ApiRequests.Text(kind.ObjectPath(key, subresource), parameters);
        var response = await _sender.OpenAsync(
            new ApiCall(HttpMethod.Get, ApiCall.Text, kind, path) { Headers = headers }, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    private static async ValueTask<ReadOnlyMemory<byte>?> NextLineAsync(
        LineReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadLineAsync(cancellationToken);
        }
        catch (HttpIOException e) when (e.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            // Servers and proxies that shut down cut the stream at any point; for a watch that is a normal end.
            return null;
        }
    }

    private Task<JsonObject> ObjectAsync(ApiCall call, CancellationToken cancellationToken) => _sender.SendAsync(
        call,
        async (stream, token) => await JsonNode.ParseAsync(stream, cancellationToken: token) as JsonObject
            ?? throw new ApiException(
                new ApiStatus(
                    HttpStatusCode.BadGateway, "BadAnswer", $"The answer to {call.Verb} is not a JSON object.")),
        cancellationToken);
}

/// <summary>How requests are made.</summary>
public sealed record ApiTransportOptions
{
    /// <summary>
    /// How long a request may take, except for a watch's stream: KubernetesClient's HTTP client has no limit of its
    /// own.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For how long refused credentials are not an error: another process renews the token, and it is read with a
    /// delay.
    /// </summary>
    public TimeSpan CredentialPatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The version of HTTP for requests that are answered at once: HTTP/2 shares one connection among many requests
    /// and costs more to begin.
    /// </summary>
    public Version HttpVersion { get; init; } = System.Net.HttpVersion.Version20;

    /// <summary>The process's User-Agent.</summary>
    public string UserAgent { get; init; } = "dynospace-runtime";
}
