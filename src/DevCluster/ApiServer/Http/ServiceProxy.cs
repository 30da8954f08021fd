using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using DevCluster.ApiServer.Pods;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Serves <c>services/proxy</c>: forwards a request to an endpoint of a Service, addressed as <c>NAME</c>,
/// <c>NAME:PORT</c> or <c>SCHEME:NAME:PORT</c>. As in Kubernetes, credentials are not forwarded, certificates are not
/// verified, and the response is streamed.
/// </summary>
/// <param name="pods">Connects to pods that really run.</param>
/// <param name="services">Connects to programs outside the cluster; takes precedence over pods.</param>
internal sealed class ServiceProxy(IResourceRegistry registry, IPodConnections? pods, IServiceConnections? services)
{
    private const int CopyBytes = 32 * 1024;

    /// <summary>
    /// Headers that are not forwarded: those of one connection, and those meant for this server only.
    /// </summary>
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authorization", "Connection", "Content-Length", "Host", "Keep-Alive", "Proxy-Connection", "TE",
        "Transfer-Encoding", "Upgrade",
    };

    public async Task PassOnAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var (scheme, name, port) = ServiceName.Parse(request.Name);
        _ = registry.Get(request.Definition.StorageId, request.Namespace, name)
            ?? throw ApiErrors.NotFound(request.Definition.Id, name);
        try
        {
            await using var connection = await ConnectAsync(request.Namespace!, name, port, cancellationToken);
            await PassOnAsync(request.Http, scheme, request.Info.ProxiedPath!, connection, cancellationToken);
        }
        catch (Exception e) when ((e is HttpRequestException or IOException or PodConnectionException)
            && !request.Http.Response.HasStarted)
        {
            throw new ApiStatusException(
                503, "ServiceUnavailable", $"error trying to reach service: {e.Message}", []);
        }
    }

    private static async Task PassOnAsync(
        HttpContext http, string scheme, string path, Stream connection, CancellationToken cancellationToken)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = (_, _) => ValueTask.FromResult(connection),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Accept },
        });
        using var message = Message(http.Request, scheme, path);
        using var response = await client.SendAsync(message, cancellationToken);
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var (key, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (!Kept.Contains(key))
            {
                http.Response.Headers[key] = values.ToArray();
            }
        }

        await http.Response.Body.FlushAsync(cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[CopyBytes];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
    }

    private static HttpRequestMessage Message(HttpRequest request, string scheme, string path)
    {
        var message = new HttpRequestMessage(
            new HttpMethod(request.Method), new Uri($"{scheme}://service{path}{request.QueryString}"))
        {
            Version = HttpVersion.Version11,
            Content = HttpMethods.IsGet(request.Method) ? null : new StreamContent(request.Body),
        };
        foreach (var (key, values) in request.Headers)
        {
            if (!Kept.Contains(key) && !message.Headers.TryAddWithoutValidation(key, values.ToArray()))
            {
                message.Content?.Headers.TryAddWithoutValidation(key, values.ToArray());
            }
        }

        return message;
    }

    private static bool Accept(
        object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null;

    private async Task<Stream> ConnectAsync(
        string ns, string name, string port, CancellationToken cancellationToken)
    {
        if (services is not null && await services.ConnectAsync(ns, name, port, cancellationToken) is { } outside)
        {
            return outside;
        }

        return pods is not null && RandomEndpoint(ns, name, port) is var (pod, number)
            ? await pods.ConnectAsync(pod, number, cancellationToken)
            : throw new ApiStatusException(
                503, "ServiceUnavailable", $"no endpoints available for service \"{name}\"", []);
    }

    /// <summary>A random ready pod behind a Service port, as in the API server.</summary>
    private (StoredObject Pod, int Port)? RandomEndpoint(string ns, string name, string port)
    {
        (StoredObject Pod, int Port)[] found =
        [
            .. from slice in registry.List(KnownResources.EndpointSlices, ns)
               where slice.Content.Text("metadata", "labels", "kubernetes.io/service-name") == name
               from item in slice.Content.Items("ports")
               where port.Length == 0 || item.Text("name") == port || item["port"]?.ToString() == port
               from endpoint in slice.Content.Items("endpoints")
               where endpoint.IsTrue("conditions", "ready")
               let pod = endpoint.Text("targetRef", "name") is { } target
                   ? registry.Get(KnownResources.Pods, ns, target)
                   : null
               where pod is not null
               select (pod, (int)item.NumberOrZero("port")),
        ];
        return found.Length == 0 ? null : found[Random.Shared.Next(found.Length)];
    }
}

/// <summary>The name of a Service in a proxy path.</summary>
internal static class ServiceName
{
    public static (string Scheme, string Name, string Port) Parse(string text) => text.Split(':') switch
    {
        [var name] => ("http", name, ""),
        [var name, var port] => ("http", name, port),
        ["http" or "https" or "", var name, var port] parts =>
            (parts[0].Length == 0 ? "http" : parts[0], name, port),
        _ => throw ApiErrors.BadRequest($"invalid service request \"{text}\""),
    };
}
