using System.CommandLine;
using System.Globalization;
using System.Net;
using Dynospace.Api.Spaces;
using Dynospace.Benchmarks.Processes;
using Dynospace.Router.Hosting;
using Dynospace.Router.Routing;
using Dynospace.Router.Frontend;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Benchmarks.Routing;

/// <summary>The router's request path in a process of its own, with routes that this process tells it instead of a cluster.</summary>
internal sealed class RouterProxy : IProxy
{
    public const string Host = "shop.acme.example";

    private const string Serve = "serve-router";
    private const string Listening = "listening ";
    private const string Routed = "routed";

    private readonly ChildProcess _child;

    private readonly string _log;

    private RouterProxy(ChildProcess child, int port, string log) => (_child, Port, _log) = (child, port, log);

    public string Name => "Dynospace router";

    public int Port { get; }

    public TimeSpan ProcessorTime => Tool.Look(_child.Id).ProcessorTime;

    public long ResidentBytes => Tool.Look(_child.Id).ResidentBytes;

    public static async Task<RouterProxy> StartAsync(Workplace place, int origin, CancellationToken cancellationToken)
    {
        var log = Path.Combine(place.Root, "router-access.log");
        var child = ChildProcess.StartAssembly(typeof(RouterProxy).Assembly, [Serve, log], asRouter: true);
        var line = await child.LineAsync(Listening, cancellationToken);
        var router = new RouterProxy(child, int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture), log);
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
        var command = new Command(Serve, "Serves a router until standard input ends.") { log };
        command.Hidden = true;
        command.SetAction((parsed, token) => ServeAsync(parsed.GetValue(log)!, token));
        return command;
    }

    private static async Task ServeAsync(string logFile, CancellationToken cancellationToken)
    {
        SocketThreads.Configure();
        var table = new RoutingTable();
        await using var log = new FileStream(logFile, FileMode.Create, FileAccess.Write, FileShare.Read);
        await using var server = new RouterServer(
            new RouterServerOptions { Http = new IPEndPoint(IPAddress.Loopback, 0) }, table, new TcpDynoConnector(), log, TimeProvider.System, NullLoggerFactory.Instance);
        await server.StartAsync(cancellationToken);
        await Console.Out.WriteLineAsync($"{Listening}{server.Http!.Port}".AsMemory(), cancellationToken);
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            table.Publish(RoutesTo(line.Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))));
            await Console.Out.WriteLineAsync(Routed.AsMemory(), cancellationToken);
        }
    }

    private static RoutingSnapshot RoutesTo(IEnumerable<int> ports)
    {
        var dynos = ports.Select(port => new DynoEndpoint($"web.{port}", $"shop-web-{port}", new IPEndPoint(IPAddress.Loopback, port)));
        var app = new AppRoute("acme", "shop", AppWebState.Running, IsInMaintenance: false, RedirectsToHttps: false, [.. dynos]);

        // One dyno stands for a formation here, so its share of requests in flight must not be the limit.
        var settings = new RouterSettings { Runtime = SpaceRuntime.Common, ConcurrencyPerDyno = 10_000 };
        return new RoutingSnapshot(RoutingSnapshot.HostsOf([new(Host, app)]), AddressRanges.Everybody, settings);
    }
}
