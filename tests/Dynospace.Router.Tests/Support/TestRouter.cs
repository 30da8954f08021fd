using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dynospace.Api.Spaces;
using Dynospace.Router.Frontend;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Router.Tests.Support;

/// <summary>A router on loopback with one app, shop.example.com, and a clock that stands still.</summary>
internal sealed class TestRouter : IAsyncDisposable
{
    public const string Host = "shop.example.com";
    private static readonly X509Certificate2 Certificate = SelfSigned();

    private readonly RoutingTable _table = new();

    /// <summary>Time passes fast in these tests, connecting does not: only those of connecting bound it.</summary>
    private RouterSettings _settings = new() { ConnectTimeout = TimeSpan.FromDays(1) };

    private TestRouter(RouterServerOptions options, IDynoConnector connector, Stream? log)
    {
        Server = new(options, _table, connector, log ?? Log, Clock, NullLoggerFactory.Instance);
    }

    public RouterServer Server { get; }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

    public LogSink Log { get; } = new();

    public static async Task<TestRouter> StartAsync(
        RouterServerOptions? options = null, IDynoConnector? connector = null, Stream? log = null)
    {
        var router = new TestRouter(
            (options ?? new()) with
            {
                Http = new(IPAddress.Loopback, 0),
                Https = new(IPAddress.Loopback, 0),
                ConfigureHttps = listen =>
                    listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => Certificate),
            },
            connector ?? new TcpDynoConnector(),
            log);
        await router.Server.StartAsync(CancellationToken.None).Soon();
        return router;
    }

    /// <summary>A running app with these dynos.</summary>
    public static async Task<TestRouter> ServingAsync(params ScriptedDyno[] dynos)
    {
        var router = await StartAsync();
        router.Publish(dynos);
        return router;
    }

    public void Publish(params ScriptedDyno[] dynos) => Publish([.. dynos.Select(dyno => dyno.Endpoint)]);

    public void Publish(IReadOnlyList<DynoEndpoint> dynos) => Publish(Route(dynos));

    public void Publish(AppRoute route) => _table.Publish(new(
        RoutingSnapshot.HostsOf([new(Host, route)]), AddressRanges.Everybody, _settings));

    public void Publish(RoutingSnapshot snapshot) => _table.Publish(snapshot);

    public void Configure(Func<RouterSettings, RouterSettings> change)
    {
        _settings = change(_settings);
        _table.Publish(_table.Current with { Settings = _settings });
    }

    public void Become(SpaceRuntime runtime) => Configure(settings => settings with { Runtime = runtime });

    public static AppRoute Route(IReadOnlyList<DynoEndpoint> dynos, AppWebState state = AppWebState.Running) =>
        new("acme-prod", "shop", state, IsInMaintenance: false, RedirectsToHttps: false, [.. dynos]);

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Server.Http!);

    /// <summary>Sends one request on a connection of its own and reads the answer.</summary>
    public async Task<WireMessage?> SendAsync(string request)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(request);
        return await client.ResponseAsync(request.StartsWith("HEAD", StringComparison.Ordinal));
    }

    public Task<WireMessage?> GetAsync(string headers = "") => SendAsync(Get(headers));

    public static string Get(string headers = "", string path = "/") =>
        $"GET {path} HTTP/1.1\r\nHost: {Host}\r\n{headers}\r\n";

    /// <summary>Lets time pass until something has come of it, and says how much did.</summary>
    public async Task<TimeSpan> PassTimeUntilAsync(Task outcome)
    {
        var started = Clock.GetTimestamp();
        for (var i = 0; i < 10_000 && !outcome.IsCompleted; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(outcome, Task.Delay(20));
        }

        await outcome.Soon();
        return Clock.GetElapsedTime(started);
    }

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
