// Simulator: a Kubernetes cluster in this process: API server, control plane and nodes.

using System.Net;
using System.Security.Cryptography;
using DevCluster.ApiServer.Admission;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Certificates;
using DevCluster.ApiServer.Http;
using DevCluster.ApiServer.Registry;
using DevCluster.Simulator.ControlPlane;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DevCluster.Simulator;

/// <summary>An in-memory Kubernetes API server with simulated nodes, in this process, on loopback.</summary>
public sealed class DevClusterServer : IAsyncDisposable
{
    /// <summary>The lifetime of tokens in pods, which are not renewed.</summary>
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(365);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ServerCertificates _certificates;
    private readonly ServiceAccountTokens _tokens;
    private readonly IReadOnlyList<DevClusterUser> _users;
    private readonly string _name;
    private readonly ResourceRegistry _registry;
    private WebApplication? _host;
    private Task _controlPlane = Task.CompletedTask;

    private DevClusterServer(DevClusterOptions options, TimeProvider clock)
    {
        _certificates = ServerCertificates.Create(clock);
        _name = options.Name;
        _users = [.. options.Users.Select(user => user.Token is null ? user with { Token = RandomToken() } : user)];
        Catalog = new ResourceCatalog(BuiltInResources.All);
        _registry = new ResourceRegistry(Catalog, AdmissionPlugins.Create(clock), clock);
        _tokens = new ServiceAccountTokens(_registry, clock);
        Address = new Uri("https://127.0.0.1");
    }

    public Uri Address { get; private set; }

    /// <summary>Access to the API without HTTP, for code in this process.</summary>
    public IResourceRegistry Registry => _registry;

    /// <summary>The PEM of the CA that signed the serving certificate.</summary>
    public string CertificateAuthority => _certificates.AuthorityPem;

    internal ResourceCatalog Catalog { get; }

    /// <summary>
    /// Starts a cluster. When the task completes, it serves requests and its bootstrap objects exist.
    /// </summary>
    /// <exception cref="IOException">The port is in use.</exception>
    public static Task<DevClusterServer> StartAsync(DevClusterOptions options, CancellationToken cancellationToken) =>
        StartAsync(options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);

    /// <inheritdoc cref="StartAsync(DevClusterOptions, CancellationToken)"/>
    public static async Task<DevClusterServer> StartAsync(
        DevClusterOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var server = new DevClusterServer(options, clock);
        try
        {
            await server.ServeAsync(options, clock, loggers, cancellationToken);
            server.StartControlPlane(options, clock, loggers);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A kubeconfig for one of the users; by default the first of the options.</summary>
    public string Kubeconfig(string? user = null)
    {
        var found = _users.FirstOrDefault(item => user is null || item.Name == user)
            ?? throw new ArgumentException(
                $"user: no user \"{user}\"; there are {string.Join(", ", _users.Select(item => item.Name))}",
                nameof(user));
        return KubeconfigBuilder.Build(_name, Address, CertificateAuthority, found.Name, found.Token!);
    }

    /// <summary>A kubeconfig that authenticates with a token.</summary>
    public string KubeconfigFor(string user, string token) =>
        KubeconfigBuilder.Build(_name, Address, CertificateAuthority, user, token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
            await _host.DisposeAsync();
        }

        try
        {
            await _controlPlane;
        }
        catch (OperationCanceledException)
        {
            // Cancellation is the normal end.
        }

        _tokens.Dispose();
        _certificates.Dispose();
        _stopping.Dispose();
    }

    private async Task ServeAsync(
        DevClusterOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        RbacBootstrap.Create(_registry);
        var pipeline = PipelineFactory.Create(
            _registry, Catalog, _users, _tokens, clock, loggers, options.Pods, options.Services, _stopping.Token);
        _host =
            await HttpsHost.StartAsync(
                options.Port,
                _certificates.Serving,
                pipeline.HandleAsync,
                loggers,
                options.Listeners,
                cancellationToken);
        Address = new UriBuilder(Uri.UriSchemeHttps, IPAddress.Loopback.ToString(), HttpsHost.PortOf(_host)).Uri;
    }

    private void StartControlPlane(DevClusterOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        if (options.ControlPlane is null)
        {
            return;
        }

        var complete = options.ControlPlane with
        {
            CertificateAuthority = CertificateAuthority,
            ApiServerPort = options.Listeners.Count > 0 ? options.ControlPlane.ApiServerPort : Address.Port,
            IssueToken = (account, pod) => _tokens.Issue(
                account, [ServiceAccountTokens.Issuer], TokenLifetime, TokenBinding.FromPod(pod, _registry)),
        };
        var controlPlane = new SimulatedControlPlane(
            _registry, complete, clock, loggers.CreateLogger<SimulatedControlPlane>());
        _controlPlane = WatchOverAsync(
            controlPlane.RunAsync(_stopping.Token), loggers.CreateLogger<DevClusterServer>());
    }

    // Without its controllers the API still answers, so their failure would go unnoticed if it were not logged.
    private static async Task WatchOverAsync(Task controlPlane, ILogger logger)
    {
        try
        {
            await controlPlane;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            logger.LogCritical(failure, "the simulated control plane stopped; restart the dev cluster");
        }
    }

    private static string RandomToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}
