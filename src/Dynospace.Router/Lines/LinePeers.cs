using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Dynospace.Runtime;
using k8s;
using k8s.Autorest;

namespace Dynospace.Router.Lines;

/// <summary>The other pods of the same router, each of which has lines of its own; tests replace it.</summary>
public interface ILinePeers
{
    /// <summary>The addresses of all pods of the router, which may include this one.</summary>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Sends a query to one of them. The answer's stream may be endless.</summary>
    Task<HttpResponseMessage> OpenAsync(string address, LineQuery query, CancellationToken cancellationToken);
}

/// <summary>Finds the other pods by the EndpointSlices of the Service that leads to them.</summary>
/// <param name="service">The Service; null if the router has one pod, as in a dev cluster.</param>
/// <param name="port">The port at which they answer.</param>
public sealed class LinePeers(Kubernetes client, ObjectKey? service, int port, TimeProvider clock)
    : ILinePeers, IDisposable
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    /// <summary>How long all readers share a list: each of them looks for new pods every two seconds.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsPeer },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private volatile Listing? _last;

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        if (service is not { } own)
        {
            return [];
        }

        var now = clock.GetTimestamp();
        if (_last is { } last && clock.GetElapsedTime(last.Timestamp, now) < Fresh)
        {
            return last.Addresses;
        }

        try
        {
            var slices = await client.DiscoveryV1.ListNamespacedEndpointSliceAsync(
                own.Namespace, labelSelector: $"{ServiceLabel}={own.Name}", cancellationToken: cancellationToken);
            IReadOnlyList<string> addresses =
            [
                .. slices.Items.SelectMany(slice => slice.Endpoints ?? [])
                    .Where(endpoint => endpoint.Conditions?.Ready != false && endpoint.Addresses is { Count: > 0 })
                    // A dual-stack pod is in a slice of each family.
                    .DistinctBy(endpoint => endpoint.TargetRef?.Uid ?? endpoint.Addresses[0])
                    .Select(endpoint => endpoint.Addresses[0]),
            ];
            _last = new(addresses, now);
            return addresses;
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException)
        {
            // The lines of this pod are better than none; the list is requested again later.
            return [];
        }
    }

    public Task<HttpResponseMessage> OpenAsync(string address, LineQuery query, CancellationToken cancellationToken)
    {
        var host = address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri($"https://{host}:{port}{LineQuery.Path}?{query.ToQueryString()}"));
        request.Headers.TryAddWithoutValidation(LineQuery.TokenHeader, query.Token);
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// Each pod makes its own certificate, so there is no authority to check. Other means restrict which pods are
    /// reached: the addresses come from EndpointSlices of a namespace in which tenants create nothing, and the router's
    /// policy allows only pods of the same router.
    /// </summary>
    private static bool IsPeer(
        object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null;

    private sealed record Listing(IReadOnlyList<string> Addresses, long Timestamp);
}
