using System.Net.Security;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>Asks a router that really runs, by connections from one place.</summary>
internal sealed class RouterClient : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly ICaller _caller;
    private readonly string _address;
    private readonly HttpClient _http;

    /// <param name="port">That of plain HTTP.</param>
    public RouterClient(ICaller caller, string address, int port)
    {
        (_caller, _address) = (caller, address);
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (
                _, cancellationToken) => await caller.ConnectAsync(address, port, cancellationToken),
        })
        {
            Timeout = TimeSpan.FromSeconds(90),
        };
    }

    /// <param name="keeps">Whether the connection may be used again.</param>
    public async Task<(int Status, string Body)> GetAsync(string host, bool keeps = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{host}/")
        {
            Headers = { ConnectionClose = keeps ? null : true },
        };
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(
            TestContext.Current.CancellationToken));
    }

    /// <summary>
    /// Asks again and again, each time over a new connection, until the answer is as expected: nobody tells when a
    /// router or a network has learnt of something.
    /// </summary>
    public async Task<string> UntilAsync(string host, int status, string? contains = null)
    {
        using var bound = new CancellationTokenSource(Bound);
        var last = "nothing";
        while (!bound.IsCancellationRequested)
        {
            try
            {
                var (seen, body) = await GetAsync(host, keeps: false);
                if (seen == status && (contains is null || body.Contains(contains, StringComparison.Ordinal)))
                {
                    return body;
                }

                last = $"{seen} {body}";
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                last = e.Message;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail(
            $"Not within {Bound}: {status} {contains} from {host} at {_address} by {_caller}; the last answer was "
            + $"{last}");
        return "";
    }

    /// <summary>The certificate that is shown to those who ask for a host, by its thumbprint.</summary>
    public async Task<string> CertificateAsync(string host, int port)
    {
        await using var tls = new SslStream(
            await _caller.ConnectAsync(_address, port, TestContext.Current.CancellationToken));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            },
            TestContext.Current.CancellationToken);
        return tls.RemoteCertificate!.GetCertHashString();
    }

    public async Task UntilServedAsync(string host, int port, string thumbprint)
    {
        using var bound = new CancellationTokenSource(Bound);
        var shown = await CertificateAsync(host, port);
        while (shown != thumbprint && !bound.IsCancellationRequested)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            shown = await CertificateAsync(host, port);
        }

        Assert.Equal(thumbprint, shown);
    }

    public void Dispose() => _http.Dispose();
}
