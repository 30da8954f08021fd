using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Dynospace.Api.Spaces;
using Dynospace.Benchmarks.Processes;
using Dynospace.Router.Frontend;
using Dynospace.Router.Hosting;
using Dynospace.Router.Routing;
using Dynospace.Router.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Benchmarks.Routing;

/// <summary>
/// The router's request path in a process of its own, with routes that this process tells it instead of a cluster.
/// </summary>
internal sealed class RouterProxy : IProxy
{
    public const string Host = "shop.acme.example";

    /// <summary>The app that echoes.</summary>
    public const string EchoHost = "echo.acme.example";

    private const string Serve = "serve-router";
    private const string Listening = "listening ";
    private const string Routed = "routed";

    private readonly ChildProcess _child;

    private readonly string _log;

    private RouterProxy(ChildProcess child, int port, int tlsPort, string log) =>
        (_child, Port, TlsPort, _log) = (child, port, tlsPort, log);

    public string Name => "Dynospace router";

    public int Port { get; }

    public int TlsPort { get; }

    public TimeSpan ProcessorTime => Tool.Look(_child.Id).ProcessorTime;

    public long ResidentBytes => Tool.Look(_child.Id).ResidentBytes;

    public static async Task<RouterProxy> StartAsync(
        Workplace place, int origin, int echo, CancellationToken cancellationToken)
    {
        var log = Path.Combine(place.Root, "router-access.log");
        var child = ChildProcess.StartAssembly(
            typeof(RouterProxy).Assembly, [Serve, log, place.Root, echo.ToString(CultureInfo.InvariantCulture)],
            settings: typeof(RouterServer).Assembly);
        int[] ports = [.. (await child.LineAsync(Listening, cancellationToken)).Split(' ')[1..].Select(Number)];
        var router = new RouterProxy(child, ports[0], ports[1], log);
        await router.RouteAsync([origin], cancellationToken);
        return router;
    }

    /// <summary>Swaps the routes; when it returns they are in force.</summary>
    public async Task RouteAsync(IEnumerable<int> dynos, CancellationToken cancellationToken)
    {
        await _child.WriteLineAsync(string.Join(' ', dynos), cancellationToken);
        await _child.LineAsync(Routed, cancellationToken);
    }

    /// <summary>What the router logged as errors.</summary>
    public IEnumerable<string> ErrorLines()
    {
        using var file = new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("at=error", StringComparison.Ordinal))
            {
                yield return line;
            }
        }
    }

    public ValueTask DisposeAsync() => _child.DisposeAsync();

    /// <summary>The child's side: a line of ports is a route to dynos on them.</summary>
    public static Command Command()
    {
        var log = new Argument<string>("log");
        var place = new Argument<string>("place");
        var echo = new Argument<int>("echo");
        var command = new Command(Serve, "Serves a router until standard input ends.") { log, place, echo };
        command.Hidden = true;
        command.SetAction((parsed, token) =>
            ServeAsync(parsed.GetValue(log)!, parsed.GetValue(place)!, parsed.GetValue(echo), token));
        return command;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static async Task ServeAsync(string logFile, string place, int echo, CancellationToken cancellationToken)
    {
        SocketThreads.Configure();
        await WarmUp.RunAsync(TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        var table = new RoutingTable();
        await using var log = new FileStream(logFile, FileMode.Create, FileAccess.Write, FileShare.Read);
        using var pem = X509Certificate2.CreateFromPemFile(
            Path.Combine(place, ProxyCertificate.Chain), Path.Combine(place, ProxyCertificate.Key));
        var certificate = ServerCertificate.FromChain(
            X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null), []);
        using var edge = new RouterEdge(
            table, new CertificateTable(certificate), AddressRanges.Nobody, TimeProvider.System,
            NullLoggerFactory.Instance);
        var options = new RouterServerOptions
        {
            Http = new IPEndPoint(IPAddress.Loopback, 0),
            Https = new IPEndPoint(IPAddress.Loopback, 0),
            ConfigureHttp = edge.ConfigureHttp,
            ConfigureHttps = edge.ConfigureHttps,
        };
        await using var server = new RouterServer(
            options, table, new TcpDynoConnector(), log, TimeProvider.System, NullLoggerFactory.Instance);
        await server.StartAsync(cancellationToken);
        await Console.Out.WriteLineAsync(
            $"{Listening}{server.Http!.Port} {server.Https!.Port}".AsMemory(), cancellationToken);
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            table.Publish(RoutesTo(line.Split(' ').Select(Number), echo));
            await Console.Out.WriteLineAsync(Routed.AsMemory(), cancellationToken);
        }
    }

    private static RoutingSnapshot RoutesTo(IEnumerable<int> ports, int echo)
    {

        // One dyno stands for a formation here, so its share of requests in flight must not be the limit.
        var settings = new RouterSettings { Runtime = SpaceRuntime.Common, ConcurrencyPerDyno = 10_000 };
        return new RoutingSnapshot(
            RoutingSnapshot.HostsOf(
                [
                    new(Host, App("shop", ports)),
                    new(EchoHost, App("echo", [echo])),
                ]), AddressRanges.Everybody, settings);
    }

    private static AppRoute App(string name, IEnumerable<int> ports)
    {
        var dynos = ports.Select(port =>
            new DynoEndpoint($"web.{port}", $"{name}-web-{port}", new IPEndPoint(IPAddress.Loopback, port)));
        return new AppRoute(
            "acme", name, AppWebState.Running, IsInMaintenance: false, RedirectsToHttps: false, [.. dynos]);
    }
}
