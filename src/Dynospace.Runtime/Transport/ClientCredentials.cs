using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;
using k8s.KubeConfigModels;

namespace Dynospace.Runtime.Transport;

/// <summary>The credentials of a kubeconfig in their current version.</summary>
/// <param name="Header">The value of the header Authorization; null for none.</param>
/// <param name="Certificate">The client certificate; null for none.</param>
internal sealed record ClientCredential(AuthenticationHeaderValue? Header, SslStreamCertificateContext? Certificate);

/// <summary>Credentials that are renewed while the program runs.</summary>
internal interface IClientCredentials
{
    /// <summary>The current ones, renewed if they are due.</summary>
    ClientCredential Current();

    /// <summary>The server refused these credentials, so they are renewed before they expire.</summary>
    void Refuse(ClientCredential refused);
}

/// <summary>Carries renewed credentials in KubernetesClient's configuration, which supports only tokens.</summary>
internal sealed class RenewedCredentials(IClientCredentials credentials) : ITokenProvider
{
    public IClientCredentials Credentials => credentials;

    public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken) =>
        Task.FromResult(credentials.Current().Header!);
}

/// <summary>Makes clients of the API server.</summary>
public static class ApiClient
{
    /// <summary>A client that uses renewed credentials, client certificates included.</summary>
    public static Kubernetes Create(KubernetesClientConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.TokenProvider is RenewedCredentials renewed
            ? new(configuration, new RenewedCredentialsHandler(renewed.Credentials))
            : new(configuration);
    }
}

/// <summary>
/// Sends requests over connections made with the current client certificate. The API server judges each request by the
/// certificate that its connection was opened with, so each certificate has connections of its own. Requests in flight
/// end on the connections that they began on.
/// </summary>
internal sealed class RenewedCredentialsHandler(IClientCredentials credentials) : DelegatingHandler
{
    private readonly Lock _lock = new();
    private (SslStreamCertificateContext Certificate, HttpMessageInvoker Connections)? _current;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var credential = credentials.Current();
        var response = credential.Certificate is { } certificate
            ? await ConnectionsWith(certificate).SendAsync(request, cancellationToken)
            : await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            credentials.Refuse(credential);
        }

        return response;
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _current?.Connections.Dispose();
            _current = null;
        }

        base.Dispose(disposing);
    }

    private HttpMessageInvoker ConnectionsWith(SslStreamCertificateContext certificate)
    {
        lock (_lock)
        {
            if (_current is { } current && ReferenceEquals(current.Certificate, certificate))
            {
                return current.Connections;
            }

            // The old connections close when they are idle: disposing them would fail a request that is about to use
            // them.
            var connections = new HttpMessageInvoker(HandlerWith(certificate));
            _current = (certificate, connections);
            return connections;
        }
    }

    /// <summary>Set up as KubernetesClient sets up its own handler, except for the certificate.</summary>
    private SocketsHttpHandler HandlerWith(SslStreamCertificateContext certificate)
    {
        var model = (SocketsHttpHandler)InnerHandler!;
        return new()
        {
            KeepAlivePingPolicy = model.KeepAlivePingPolicy,
            KeepAlivePingDelay = model.KeepAlivePingDelay,
            KeepAlivePingTimeout = model.KeepAlivePingTimeout,
            ConnectCallback = model.ConnectCallback,
            EnableMultipleHttp2Connections = model.EnableMultipleHttp2Connections,
            SslOptions = new()
            {
                TargetHost = model.SslOptions.TargetHost,
                RemoteCertificateValidationCallback = model.SslOptions.RemoteCertificateValidationCallback,
                ClientCertificateContext = certificate,
            },
        };
    }
}

/// <summary>Reads client certificates.</summary>
internal static class ClientCertificates
{
    /// <summary>A certificate with its chain and its key.</summary>
    /// <exception cref="CryptographicException">They cannot be read, or do not belong together.</exception>
    public static SslStreamCertificateContext Read(string certificate, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        using var pair = X509Certificate2.CreateFromPem(certificate, key);

        // On some platforms TLS does not accept a key that exists only in memory.
        var usable = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), password: null);
        return SslStreamCertificateContext.Create(usable, chain, offline: true);
    }
}

/// <summary>Credentials in files that another program renews: a token, or a client certificate and its key.</summary>
internal sealed class FileCredentials : IClientCredentials
{
    /// <summary>Often enough for tokens that are valid for minutes, and seldom enough to cost nothing.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Func<string?[], ClientCredential?> _make;
    private readonly string[] _paths;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private string?[] _texts = [];
    private ClientCredential? _credential;
    private long _readAt;

    private FileCredentials(string[] paths, Func<string?[], ClientCredential?> make, TimeProvider clock) =>
        (_paths, _make, _clock) = (paths, make, clock);

    public static FileCredentials OfToken(string path, TimeProvider clock) => new(
        [path],
        texts => texts[0]?.Trim() is { Length: > 0 } token ? new(new("Bearer", token), null) : null,
        clock);

    /// <param name="header">An Authorization header that is sent as well; null for none.</param>
    /// <exception cref="KubeConfigException">The files cannot be used.</exception>
    public static FileCredentials OfCertificate(
        string user, string path, string keyPath, AuthenticationHeaderValue? header, TimeProvider clock)
    {
        var credentials = new FileCredentials(
            [path, keyPath],
            texts => texts is [{ } certificate, { } key] && TryRead(certificate, key) is { } context
                ? new(header, context)
                : null,
            clock);
        return credentials.Current().Certificate is not null
            ? credentials
            : throw new KubeConfigException(
                $"user {user}: {path} and {keyPath} are not a client certificate and its key in PEM: correct the paths "
                + "or the files");
    }

    public ClientCredential Current()
    {
        lock (_lock)
        {
            if (_credential is null || _clock.GetElapsedTime(_readAt) >= Period)
            {
                // While files are being replaced, the previous credentials are better than none.
                var texts = _paths.Select(ReadFile).ToArray();
                if ((_credential is null || !texts.SequenceEqual(_texts)) && _make(texts) is { } made)
                {
                    (_credential, _texts) = (made, texts);
                }

                _readAt = _clock.GetTimestamp();
            }

            // Without a token, the server's 401 explains more than an exception here.
            return _credential ?? new(new("Bearer", ""), null);
        }
    }

    /// <summary>Nothing to do: the files are read again soon anyway.</summary>
    public void Refuse(ClientCredential refused)
    {
    }

    private static SslStreamCertificateContext? TryRead(string certificate, string key)
    {
        try
        {
            return ClientCertificates.Read(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static string? ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>
/// A token or client certificate printed by a program (client.authentication.k8s.io), which runs again shortly before
/// they expire and when the server refuses them.
/// </summary>
internal sealed class ExecCredentials(
    string user, ExternalExecution plugin, string folder, TimeProvider clock) : IClientCredentials
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>How long credentials without an expiry are used.</summary>
    private static readonly TimeSpan WithoutExpiry = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The shortest time between two runs for the same cause: a program that fails, or whose credentials are refused,
    /// does not run for each request.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private ClientCredential? _current;
    private DateTimeOffset _renewAt;
    private DateTimeOffset _expires;
    private DateTimeOffset _ranAt;

    public ClientCredential Current()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_current is { } current && now < _renewAt)
            {
                return current;
            }

            try
            {
                return Run();
            }
            catch (KubeConfigException) when (_current is not null && now < _expires)
            {
                _renewAt = now + Pause;
                return _current;
            }
        }
    }

    public void Refuse(ClientCredential refused)
    {
        lock (_lock)
        {
            if (ReferenceEquals(refused, _current) && clock.GetUtcNow() - _ranAt >= Pause)
            {
                _renewAt = default;
            }
        }
    }

    /// <summary>Runs the program.</summary>
    /// <exception cref="KubeConfigException">
    /// It cannot be run, fails, or prints something else. Its output is not shown: it holds secrets.
    /// </exception>
    public ClientCredential Run()
    {
        lock (_lock)
        {
            var (credential, expires) = Read(Output());
            _ranAt = clock.GetUtcNow();
            _renewAt = expires - Margin ?? _ranAt + WithoutExpiry;
            _expires = expires ?? DateTimeOffset.MaxValue;
            _current = credential;
            return credential;
        }
    }

    private string Output()
    {
        // A path is relative to the kubeconfig; a bare name is looked for in PATH.
        var command = plugin.Command.Contains('/', StringComparison.Ordinal)
            ? Path.Combine(folder, plugin.Command)
            : plugin.Command;
        var start = new ProcessStartInfo(command, plugin.Arguments ?? [])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        foreach (var variable in plugin.EnvironmentVariables ?? [])
        {
            start.Environment[variable["name"]] = variable["value"];
        }

        start.Environment["KUBERNETES_EXEC_INFO"] =
            $$$"""{"apiVersion":"{{{plugin.ApiVersion}}}","kind":"ExecCredential","spec":{"interactive":false}}""";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                throw new KubeConfigException(
                    $"user {user}: {plugin.Command} did not end within {Patience.TotalSeconds:0} seconds");
            }

            return process.ExitCode == 0
                ? output.GetAwaiter().GetResult()
                : throw new KubeConfigException(
                    $"user {user}: {plugin.Command} ended with exit code {process.ExitCode}: run it to see why");
        }
        catch (Win32Exception e)
        {
            throw new KubeConfigException(
                $"user {user}: {plugin.Command} cannot be run ({e.Message}): install it or use another context");
        }
    }

    private (ClientCredential Credential, DateTimeOffset? Expires) Read(string output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            if (JsonMembers.Child(document.RootElement, "status", JsonValueKind.Object) is not { } status)
            {
                throw new KubeConfigException(
                    $"user {user}: {plugin.Command} printed an ExecCredential without status");
            }

            var token = JsonMembers.Text(status, "token");
            var certificate = JsonMembers.Text(status, "clientCertificateData") is { } data
                ? CertificateOf(data, JsonMembers.Text(status, "clientKeyData") ?? "")
                : null;
            var expires = DateTimeOffset.TryParse(
                JsonMembers.Text(status, "expirationTimestamp"),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var stated)
                ? stated
                : certificate is null
                    ? (DateTimeOffset?)null
                    : new DateTimeOffset(certificate.TargetCertificate.NotAfter);
            return token is null && certificate is null
                ? throw new KubeConfigException(
                    $"user {user}: {plugin.Command} printed neither a token nor a certificate")
                : (new(token is null ? null : new("Bearer", token), certificate), expires);
        }
        catch (JsonException)
        {
            throw new KubeConfigException($"user {user}: {plugin.Command} did not print an ExecCredential as JSON");
        }
    }

    private SslStreamCertificateContext CertificateOf(string certificate, string key)
    {
        try
        {
            return ClientCertificates.Read(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new KubeConfigException(
                $"user {user}: {plugin.Command} printed a client certificate and key that are not a pair in PEM");
        }
    }
}
