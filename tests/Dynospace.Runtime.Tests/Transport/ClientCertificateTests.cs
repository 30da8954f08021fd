using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Transport;

/// <summary>Client certificates that change while the program runs, as the server sees them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ClientCertificateTests : IAsyncDisposable
{
    private const string Exec =
        "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: ./plugin} }";

    private const string Files = "{client-certificate: cert.pem, client-key: key.pem}";

    private readonly KubeconfigFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly CertifyingServer _server = CertifyingServer.Start();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plugin_runs_again_before_its_certificate_expires(bool isStated)
    {
        Plugin("one", isStated ? TimeSpan.FromMinutes(5) : null, TimeSpan.FromMinutes(isStated ? 60 : 5));
        using var client = ApiClient.Create(Configure(Exec));
        Assert.Equal("one", await SeenAsync(client));
        Plugin("two", TimeSpan.FromHours(1));
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("one", await SeenAsync(client));
        _clock.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal("two", await SeenAsync(client));
    }

    [Fact]
    public async Task A_certificate_that_the_server_refuses_is_renewed()
    {
        Plugin("one", TimeSpan.FromHours(1));
        using var client = ApiClient.Create(Configure(Exec));
        Assert.Equal("one", await SeenAsync(client));
        Plugin("two", TimeSpan.FromHours(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        _server.Refused = "one";
        var refusal = await Assert.ThrowsAsync<ApiException>(() => SeenAsync(client));
        Assert.True(refusal.Code == System.Net.HttpStatusCode.Unauthorized);
        Assert.Equal("two", await SeenAsync(client));
    }

    [Fact]
    public async Task A_plugin_is_not_run_for_each_request_that_is_refused()
    {
        Plugin("one", TimeSpan.FromHours(1));
        using var client = ApiClient.Create(Configure(Exec));
        _server.Refused = "one";
        await Assert.ThrowsAsync<ApiException>(() => SeenAsync(client));
        Plugin("two", TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<ApiException>(() => SeenAsync(client));
        _clock.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<ApiException>(() => SeenAsync(client));
        Assert.Equal("two", await SeenAsync(client));
    }

    [Fact]
    public async Task While_the_plugin_fails_the_last_certificate_serves_to_its_end()
    {
        Plugin("one", TimeSpan.FromMinutes(5));
        using var client = ApiClient.Create(Configure(Exec));
        _folder.WritePlugin("exit 3");
        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(20));
        Assert.Equal("one", await SeenAsync(client));
        _clock.Advance(TimeSpan.FromSeconds(21));
        await Assert.ThrowsAsync<KubeConfigException>(() => SeenAsync(client));
        Plugin("two", TimeSpan.FromMinutes(5));
        Assert.Equal("two", await SeenAsync(client));
    }

    [Fact]
    public async Task Files_are_read_again_and_their_last_certificate_serves_while_they_are_replaced()
    {
        Write(Certificate.Create("one", TimeSpan.FromHours(1)));
        using var client = ApiClient.Create(Configure(Files));
        Assert.Equal("one", await SeenAsync(client));
        var next = Certificate.Create("two", TimeSpan.FromHours(1));
        _folder.Write("cert.pem", next.Pem);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("one", await SeenAsync(client));
        _folder.Write("key.pem", next.Key);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("two", await SeenAsync(client));
    }

    [Theory]
    [InlineData("{tokenFile: token, client-certificate: cert.pem, client-key: key.pem}")]
    [InlineData("{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: ./plugin}, "
        + "client-certificate: cert.pem, client-key: key.pem}")]
    public async Task A_renewed_token_does_not_replace_the_certificate(string user)
    {
        _folder.Write("token", "secret");
        _folder.WritePlugin("""echo '{"status":{"token":"secret"}}'""");
        Write(Certificate.Create("one", TimeSpan.FromHours(1)));
        using var client = ApiClient.Create(Configure(user));
        Assert.Equal("one", await SeenAsync(client));
    }

    [Fact]
    public void What_is_not_a_certificate_is_refused_at_once()
    {
        var certificate = Certificate.Create("one", TimeSpan.FromHours(1));
        var other = Certificate.Create("two", TimeSpan.FromHours(1));
        _folder.WritePlugin(Answer(certificate with { Key = other.Key }, null));
        Write(certificate with { Key = "nothing" });
        Assert.Contains("not a pair", Refusal(Exec), StringComparison.Ordinal);
        Assert.Contains("key.pem", Refusal(Files), StringComparison.Ordinal);

        string Refusal(string user) => Assert.Throws<KubeConfigException>(() => Configure(user)).Message;
    }

    /// <summary>The name in the certificate that the server saw.</summary>
    private static async Task<string> SeenAsync(Kubernetes client)
    {
        var transport = new ApiTransport(client, new ApiTransportOptions(), TimeProvider.System);
        var seen = await transport.GetAsync(Objects.ConfigMaps, new ObjectKey("ns", "seen"), Cancelled);
        return seen["seen"]!.GetValue<string>();
    }

    private void Plugin(string name, TimeSpan? stated, TimeSpan? lifetime = null)
    {
        var certificate = Certificate.Create(name, lifetime ?? TimeSpan.FromDays(1));
        _folder.WritePlugin(Answer(certificate, _clock.GetUtcNow() + stated));
    }

    private static string Answer(Certificate certificate, DateTimeOffset? expires)
    {
        var answer = JsonSerializer.Serialize(new
        {
            status = new
            {
                clientCertificateData = certificate.Pem,
                clientKeyData = certificate.Key,
                expirationTimestamp = expires?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            },
        });
        return $"cat <<'END'\n{answer}\nEND";
    }

    private KubernetesClientConfiguration Configure(string user) =>
        _folder.Configure(user, $"https://127.0.0.1:{_server.Port}", _clock);

    private void Write(Certificate certificate)
    {
        _folder.Write("cert.pem", certificate.Pem);
        _folder.Write("key.pem", certificate.Key);
    }

    private sealed record Certificate(string Pem, string Key)
    {
        public static Certificate Create(string name, TimeSpan lifetime)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            using var certificate = request.CreateSelfSigned(
                TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow() + lifetime);
            return new(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        }
    }
}
