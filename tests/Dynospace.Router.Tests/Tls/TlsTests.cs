using System.Buffers.Binary;
using System.Net.Security;
using System.Text;
using Dynospace.Api.Spaces;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Tls;

public sealed class TlsTests
{
    private const string Area = "TLS";

    private static readonly TestCertificate Shop = TestCertificate.For(EdgeRouter.Host);

    private static readonly TestCertificate Both = TestCertificate.For("*.example.com");

    [Fact, Conformance(Area, "the certificate is the one of the host that the client names")]
    public async Task The_certificate_is_the_one_of_the_host_that_the_client_names()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Certificates.Publish([new(EdgeRouter.Host, Shop.Read())], null);
        await using var named = await router.ConnectTlsAsync(EdgeRouter.Host);
        Assert.Equal(Shop.Read().Leaf.Thumbprint, Thumbprint(named));
        await using var mixed = await router.ConnectTlsAsync(EdgeRouter.Host.ToUpperInvariant());
        Assert.Equal(Shop.Read().Leaf.Thumbprint, Thumbprint(mixed));
        await using var other = await router.ConnectTlsAsync("other.example.com");
        Assert.Equal(router.Certificates.Default.Leaf.Thumbprint, Thumbprint(other));
    }

    [Fact, Conformance(Area, "a new certificate is served without a restart, and open connections stay")]
    public async Task A_new_certificate_is_served_without_a_restart()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Certificates.Publish([new(EdgeRouter.Host, Shop.Read())], null);
        await using var before = await router.ConnectTlsAsync(EdgeRouter.Host);
        var renewed = TestCertificate.For(EdgeRouter.Host).Read();
        router.Certificates.Publish([new(EdgeRouter.Host, renewed)], null);
        await using var after = await router.ConnectTlsAsync(EdgeRouter.Host);
        Assert.Equal(renewed.Leaf.Thumbprint, Thumbprint(after));
        Assert.Equal("200", await StatusAsync(before, EdgeRouter.Host));
        Assert.Equal("200", await StatusAsync(after, EdgeRouter.Host));
    }

    [Fact, Conformance(
        Area, "a request for a host that its connection's certificate does not cover, HTTP/1.1", "H32 421")]
    public async Task A_host_that_the_certificate_does_not_cover_is_a_mismatch()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Certificates.Publish([new(EdgeRouter.Host, Shop.Read())], null);
        await using var tls = await router.ConnectTlsAsync(EdgeRouter.Host);
        Assert.Equal("421", await StatusAsync(tls, "other.example.com"));
        Assert.Contains("code=H32", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, router.Dyno.Accepted);
    }

    [Fact]
    public async Task A_host_that_the_certificate_covers_may_share_the_connection()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Certificates.Publish([new(EdgeRouter.Host, Both.Read())], null);
        await using var tls = await router.ConnectTlsAsync(EdgeRouter.Host);
        Assert.Equal("200", await StatusAsync(tls, "other.example.com"));
    }

    [Theory, Conformance(Area, "the same over HTTP/2, where clients share connections", "H31 421")]
    [InlineData("other.example.com", false, 421)]
    [InlineData("other.example.com", true, 200)]
    [InlineData(EdgeRouter.Host, false, 200)]
    public async Task Over_HTTP_2_it_is_misdirected(string host, bool isCovered, int status)
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Certificates.Publish([new(EdgeRouter.Host, isCovered ? Both.Read() : Shop.Read())], null);
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, _) =>
                await router.ConnectTlsAsync(EdgeRouter.Host, SslApplicationProtocol.Http2),
        };
        using var client = new HttpClient(handler)
        {
            DefaultRequestVersion = new Version(2, 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        // The connection has its TLS already, made for the first host, as a browser would share it.
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"https://{host}/")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact
        };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken).Soon();
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 421)
        {
            Assert.Contains("code=H31", await router.Log.NextAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_names_no_host_in_the_handshake_may_ask_for_any()
    {
        await using var router = await EdgeRouter.StartAsync();
        await using var tls = await router.ConnectTlsAsync(null);
        Assert.Equal("200", await StatusAsync(tls, EdgeRouter.Host));
    }

    [Theory, Conformance(Area, "TLS below 1.2", "handshake refused")]
    [InlineData(0x0301)]
    [InlineData(0x0302)]
    public async Task Below_TLS_1_2_the_handshake_is_refused(int version)
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Become(SpaceRuntime.Shield);
        using var client = await RawClient.ConnectAsync(router.Https);
        await client.SendAsync(ClientHello((ushort)version));
        var answer = Encoding.Latin1.GetBytes(await client.RestAsync().Soon());
        // Either an alert (21), fatal (2), or nothing at all; never a handshake (22).
        Assert.True(
            answer.Length == 0
                || (
                    answer[0] == 21
                        && answer[5] == 2), $"answered with record type {(answer.Length > 0 ? answer[0] : 0)}");
    }

    [Theory, Conformance(Area, "a Shield space announces HSTS")]
    [InlineData(SpaceRuntime.Shield, true)]
    [InlineData(SpaceRuntime.Private, false)]
    public async Task A_Shield_space_announces_HSTS(SpaceRuntime runtime, bool expected)
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Become(runtime);
        await using var tls = await router.ConnectTlsAsync(EdgeRouter.Host);
        Assert.Equal(
            expected, (await AskAsync(tls, EdgeRouter.Host)).Contains(
                "Strict-Transport-Security: max-age=31536000", StringComparison.OrdinalIgnoreCase));
        await using var unknown = await router.ConnectTlsAsync("unknown.example.com");
        Assert.Equal(
            expected, (await AskAsync(unknown, "unknown.example.com")).Contains(
                "Strict-Transport-Security", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Over_plain_HTTP_there_is_no_HSTS_header()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Become(SpaceRuntime.Shield);
        using var plain = await router.ConnectAsync();
        await plain.SendAsync(TestRouter.Get());
        Assert.Null((await plain.ResponseAsync())!.Header("Strict-Transport-Security"));
    }

    private static string? Thumbprint(SslStream tls) =>
        tls.RemoteCertificate is { } certificate ? certificate.GetCertHashString() : null;

    private static async Task<string> StatusAsync(SslStream tls, string host) =>
        (await AskAsync(tls, host)).Split(' ')[1];

    /// <summary>The head of the answer.</summary>
    private static async Task<string> AskAsync(SslStream tls, string host)
    {
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        var answer = new StringBuilder();
        var buffer = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await tls.ReadAsync(buffer).AsTask().Soon() > 0)
        {
            answer.Append((char)buffer[0]);
        }

        return answer.ToString();
    }

    /// <summary>A hello of an old version, as no library sends it any more.</summary>
    private static byte[] ClientHello(ushort version)
    {
        byte[] body = [(byte)(version >> 8), (byte)version, .. new byte[32], 0, 0, 4, 0xc0, 0x13, 0x00, 0x2f, 1, 0];
        byte[] handshake = [1, 0, 0, (byte)body.Length, .. body];
        var record = new byte[5];
        (record[0], record[1], record[2]) = (22, 3, 1);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(3), (ushort)handshake.Length);
        return [.. record, .. handshake];
    }
}
