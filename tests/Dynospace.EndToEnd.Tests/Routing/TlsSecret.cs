using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Routing;

/// <summary>Certificates as people bring them, each known by its thumbprint.</summary>
internal static class TlsSecret
{
    private static int _days = 30;

    /// <summary>Writes a new certificate, which lasts longer than those before, and tells its thumbprint.</summary>
    public static async Task<string> ApplyAsync(Platform platform, ObjectKey key, string host)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(
            now.AddDays(-1), now.AddDays(Interlocked.Increment(ref _days)));
        await WriteAsync(platform, key, certificate.ExportCertificatePem(), pair.ExportPkcs8PrivateKeyPem());
        return certificate.GetCertHashString();
    }

    public static Task BreakAsync(Platform platform, ObjectKey key) => WriteAsync(platform, key, "rubbish", "rubbish");

    public static async Task UntilServedAsync(RunningRouter router, string host, string thumbprint)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(TimeSpan.FromMinutes(1));
        while (await ServedAsync(router, host) != thumbprint)
        {
            await Task.Delay(20, bound.Token);
        }
    }

    public static async Task<string> ServedAsync(RunningRouter router, string host)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(router.Https, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            },
            TestContext.Current.CancellationToken);
        return tls.RemoteCertificate!.GetCertHashString();
    }

    private static async Task WriteAsync(Platform platform, ObjectKey key, string certificate, string privateKey) =>
        (await platform.Api.ApplyAsync(
            Kinds.Secret,
            ApiClient.ToJson(new V1Secret
            {
                ApiVersion = "v1",
                Kind = "Secret",
                Type = "kubernetes.io/tls",
                Metadata = new() { Name = key.Name, NamespaceProperty = key.Namespace },
                StringData = new Dictionary<string, string> { ["tls.crt"] = certificate, ["tls.key"] = privateKey },
            }),
            TestContext.Current.CancellationToken)).Require();
}
