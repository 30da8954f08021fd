using DevCluster.Simulator;
using DevCluster.Simulator.Web;
using Dynospace.Cli.Dev;
using Dynospace.Cli.Manifests;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Routers;
using Dynospace.Operator;
using Dynospace.Planning.Options;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

[assembly: AssemblyFixture(typeof(Dynospace.Cli.Tests.Verbs.LivePlatform))]

namespace Dynospace.Cli.Tests.Verbs;

/// <summary>A dev cluster with the operator on it, for all tests of the daily verbs. Each test has a space.</summary>
public sealed class LivePlatform : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TestEnvironment _environment = new();
    private DevClusterServer? _server;
    private Kubernetes? _client;
    private SimulatedWeb? _web;
    private DevRouters? _routers;
    private PlatformWatch? _watch;
    private Task _running = Task.CompletedTask;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _spaces;

    internal string Kubeconfig { get; private set; } = "";

    internal ApiTransport Transport { get; private set; } = null!;

    internal PlatformState State => _watch!.Current;

    internal IReadOnlyList<DevRouterAddress> Routers => _routers!.Addresses;

    internal DevClusterServer Server => _server!;

    internal Kubernetes Client => _client!;

    public async ValueTask InitializeAsync()
    {
        var (clock, loggers) = (TimeProvider.System, NullLoggerFactory.Instance);
        var services = new RouterServices();
        _server = await DevClusterServer.StartAsync(
            new DevClusterOptions
            {
                ControlPlane = DevClusterLauncher.ControlPlane("oregon"),
                Services = services,
            },
            clock,
            loggers,
            _stop.Token);
        Kubeconfig = _environment.Write("kubeconfig", _server.Kubeconfig());
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig);
        _client = new Kubernetes(configuration);
        Transport = new ApiTransport(_client, new ApiTransportOptions(), clock);
        var definitions = ManifestSources.Crds(_environment.Cli);
        var applier = new ManifestApplier(Transport, new KindTable(), clock);
        await applier.ApplyAsync(definitions, _stop.Token);
        await applier.WaitForEstablishedAsync(definitions, _stop.Token);
        _watch = new PlatformWatch(Transport, clock, loggers);
        _web = await SimulatedWeb.StartAsync(_server.Registry, [], loggers, _stop.Token);
        services.Routers = _routers = new DevRouters(
            new DevRouterSetup(configuration, 0, Stream.Null, clock, loggers),
            new SimulatedDynos(_web), Transport, _watch.Nudge);
        _running = Task.WhenAll(
            new OperatorHost(OptionsFor(configuration), clock, loggers).RunAsync(_stop.Token),
            _watch.RunAsync(_stop.Token),
            _routers.RunAsync(_stop.Token),
            AnnounceAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _client?.Dispose();
        if (_web is not null)
        {
            await _web.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _environment.Dispose();
        _stop.Dispose();
    }

    /// <summary>A worker counts as up as soon as it runs: these tests wait for hundreds.</summary>
    private static OperatorOptions OptionsFor(KubernetesClientConfiguration configuration)
    {
        var platform = new PlatformOptions();
        return new()
        {
            Client = configuration,
            LeaderElection = false,
            HealthPort = null,
            Platform = platform with { Dynos = platform.Dynos with { MinimumUpTime = TimeSpan.Zero } },
        };
    }

    /// <summary>A space with the app <c>shop</c>, once its release is out and its dynos are up.</summary>
    internal async Task<VerbSession> StartAsync(string spec = "", string runtime = "Common")
    {
        var session = new VerbSession(this, $"verbs-{Interlocked.Increment(ref _spaces)}");
        await session.ApplyAsync($$$"""
            {apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: {{{session.Space}}}},
             spec: {runtime: {{{runtime}}}, region: oregon}}
            """);
        await UntilAsync(state => state.Spaces.FirstOrDefault(found => found.Metadata.Name == session.Space
            && Conditions.IsTrue(found.Status?.Conditions, Api.ConditionTypes.NamespaceReady)));
        await session.ApplyAppAsync("shop", spec);
        await session.ReadyAsync("shop");
        return session;
    }

    internal async Task<T> UntilAsync<T>(Func<PlatformState, T?> find)
        where T : class
    {
        while (true)
        {
            var next = Volatile.Read(ref _changed).Task;
            if (find(State) is { } found)
            {
                return found;
            }

            await next.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The watch tells one reader of a change; tests that run at once are several.</summary>
    private async Task AnnounceAsync()
    {
        while (true)
        {
            await _watch!.WaitForChangeAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
            Interlocked.Exchange(
                ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }
}

/// <summary>A person with a space, a kubeconfig and a command line.</summary>
internal sealed class VerbSession(LivePlatform platform, string space, string? kubeconfig = null) : IDisposable
{
    private readonly TestEnvironment _environment = new();

    public string Space => space;

    public string Out => _environment.Out.ToString();

    public string Error => _environment.Error.ToString();

    public TestEnvironment Environment => _environment;

    /// <summary>What a command prints, forgotten before the next.</summary>
    public Task<(int Code, string Out, string Error)> TryAsync(params string[] args) =>
        Array.IndexOf(args, "--") is >= 0 and var end
            ? TryAsync(args[..end], args[(end + 1)..])
            : TryAsync(args, []);

    /// <param name="args">The words of the command.</param>
    /// <param name="behind">Words behind <c>--</c>.</param>
    public async Task<(int Code, string Out, string Error)> TryAsync(string[] args, string[] behind)
    {
        _environment.Out.GetStringBuilder().Clear();
        _environment.Error.GetStringBuilder().Clear();
        var code = await _environment.RunAsync(
            [
                .. args, "--kubeconfig", kubeconfig ?? platform.Kubeconfig, "--space", space,
                .. behind.Length > 0 ? behind.Prepend("--") : [],
            ]);
        return (code, Out, Error);
    }

    /// <summary>The output of a command that must succeed.</summary>
    public async Task<string> RunAsync(string line)
    {
        var (code, output, error) = await TryAsync(line.Split(' '));
        Assert.True(code == 0, $"dynospace {line}: {error}");
        return output;
    }

    /// <summary>What a command that must fail says.</summary>
    public async Task<string> FailAsync(string line)
    {
        var (code, _, error) = await TryAsync(line.Split(' '));
        Assert.Equal(1, code);
        return error;
    }

    public Task ApplyAppAsync(
        string name, string spec = "", string manager = "kubectl", string image = "registry.example/shop:1") =>
        ApplyAsync($$$"""
        {apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {name: {{{name}}}, namespace: {{{space}}}},
         spec: {image: "{{{image}}}", config: {LOG_LEVEL: info},
         processes: [{type: web, quantity: 1}, {type: worker, quantity: 1}] {{{spec}}}}}
        """, manager);

    public async Task ApplyAsync(string yaml, string manager = "kubectl")
    {
        var kinds = new KindTable();
        foreach (var manifest in ManifestReader.ReadText(yaml, "test"))
        {
            await platform.Transport.ApplyAsync(
                kinds.KindOf(manifest),
                manifest.Key,
                manifest.Content,
                new WriteQuery { FieldManager = manager, Force = true },
                TestContext.Current.CancellationToken);
        }
    }

    public Task<Api.Apps.App> AppAsync(string name, Func<Api.Apps.App, bool> isSo) => platform.UntilAsync(
        state => state.Apps.FirstOrDefault(app => app.Metadata.NamespaceProperty == space
            && app.Metadata.Name == name && isSo(app)));

    public Task<Api.Apps.App> ReadyAsync(string name, long? release = null) => AppAsync(name, app =>
        Conditions.IsTrue(app.Status?.Conditions, Api.ConditionTypes.Available)
        && Conditions.IsTrue(app.Status?.Conditions, Api.ConditionTypes.Released)
        && app.Status!.ObservedGeneration == app.Metadata.Generation
        && (release is null || app.Status.Release == release));

    public Task<Api.Dynos.Dyno> DynoAsync(string name, Func<Api.Dynos.Dyno, bool> isSo) => platform.UntilAsync(
        state => state.Dynos.FirstOrDefault(dyno => dyno.Metadata.NamespaceProperty == space
            && dyno.Metadata.Name == name && isSo(dyno)));

    /// <summary>Asks the app <c>shop</c> for a page through the router, until it answers.</summary>
    public async Task RequestAsync(string path)
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new HttpClient();
        while (true)
        {
            if (platform.Routers.FirstOrDefault(found => found.Scope.Space is null) is { } router)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(router.Http, path));
                request.Headers.Host = $"shop.{space}.{router.BaseDomain}";
                using var answer = await client.SendAsync(request, token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }

            await Task.Delay(50, token);
        }
    }

    /// <summary>Another person of the space, who sees apps and policies and may get one thing more.</summary>
    public async Task<VerbSession> MemberAsync(string name, string resource)
    {
        await ApplyAsync($$$"""
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: {{{name}}}, namespace: {{{space}}}}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: {{{space}}}-{{{name}}}}
            rules:
            - {apiGroups: [dynospace.dev], resources: [apps], verbs: [get, list]}
            - {apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [get]}
            - {apiGroups: [""], resources: [pods], verbs: [get, list, watch]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: {{{space}}}-{{{name}}}}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{{space}}}-{{{name}}}}
            subjects: [{kind: ServiceAccount, name: {{{name}}}, namespace: {{{space}}}}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: {{{name}}}, namespace: {{{space}}}}
            rules: [{apiGroups: [""], resources: [{{{resource}}}], verbs: [get]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: {{{name}}}, namespace: {{{space}}}}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{{name}}}}
            subjects: [{kind: ServiceAccount, name: {{{name}}}, namespace: {{{space}}}}]
            """);
        var answer = await platform.Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new k8s.Models.Authenticationv1TokenRequest { Spec = new() { Audiences = [] } },
            name, space, cancellationToken: TestContext.Current.CancellationToken);
        return new(platform, space, _environment.Write(
            $"kubeconfig-{name}", platform.Server.KubeconfigFor(name, answer.Status.Token)));
    }

    /// <summary>The same person, who looks at another space.</summary>
    public VerbSession In(string other) => new(platform, other, kubeconfig);

    public void Dispose() => _environment.Dispose();
}
