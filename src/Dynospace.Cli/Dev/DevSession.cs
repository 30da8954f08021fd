// Dev: a run of dynospace dev: starts cluster, operator and routers, applies manifests, shows what happens, ends it
// all.

using Dynospace.Cli.Display;
using Dynospace.Cli.Manifests;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;
using Dynospace.Hosting;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>
/// One run of <c>dynospace dev</c>: checks what can be checked, starts the parts, and takes them down again in order.
/// </summary>
public sealed class DevSession(
    DevOptions options, CliEnvironment environment, IDevClusterLauncher launcher, IOperatorRunner operatorRunner)
{
    /// <summary>0 when stopped by the person or, with <c>--once</c>, when everything was ready.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var definitions = ManifestSources.Crds(environment);
        var manifests = ReadManifests();
        var kinds = new KindTable();
        kinds.Learn([.. definitions, .. manifests]);
        foreach (var manifest in manifests)
        {
            kinds.KindOf(manifest);
        }

        options.CheckPorts();
        AdminKubeconfig.CheckWritable(options.Kubeconfig);
        using var loggers = CreateLoggers();
        if (environment.IsTerminal)
        {
            environment.Out.WriteLine("Starting a Kubernetes API server and the operator ...");
        }

        try
        {
            await using var cluster = await launcher.StartAsync(options.Port, loggers, cancellationToken);
            AdminKubeconfig.Write(options.Kubeconfig, cluster.Kubeconfig);
            var configuration = new ClusterConnection(options.Kubeconfig, null).Read();
            using var client = ApiClient.Create(configuration);
            var transport = new ApiTransport(
                client, new ApiTransportOptions { UserAgent = CliEnvironment.ClientName }, environment.Clock);
            var applier = new ManifestApplier(transport, kinds, environment.Clock);

            await applier.ApplyAsync(definitions, cancellationToken);
            await applier.WaitForEstablishedAsync(definitions, cancellationToken);
            var watch = new PlatformWatch(transport, environment.Clock, loggers);
            await using var lines = Stream.Synchronized(LogFiles.Create(options.RouterLogFile, "--router-log-file"));
            var setup = new DevRouterSetup(
                configuration, options.RouterPort, lines, environment.Clock, loggers);
            var run = new DevRun(
                options,
                environment,
                PlaceOf(cluster),
                watch,
                cluster.CreateRouters(setup, transport, watch.Nudge),
                applier,
                manifests);
            return await run.RunAsync(
                token => operatorRunner.RunAsync(configuration, loggers, token), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Stopped();
        }
    }

    private int Stopped()
    {
        if (options.Once)
        {
            throw new CliException("stopped before everything was ready.");
        }

        environment.Out.WriteLine("Stopped; the cluster and all that was in it are gone.");
        return 0;
    }

    private List<Manifest> ReadManifests() => options.Apply.Count == 0
        ? [.. ManifestSources.Samples(environment)]
        : [.. options.Apply.SelectMany(path => ManifestReader.Read(path, environment))];

    private ILoggerFactory CreateLoggers()
    {
        var file = new FileLoggerProvider(options.LogFile, environment.Clock);
        return LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(options.Verbosity).AddProvider(file);
            if (options.Verbosity >= LogLevel.Information)
            {
                // The web server logs every request, which is the API server's business and hides the operator's.
                logging.AddFilter("Microsoft", LogLevel.Warning);
            }
        });
    }

    private Place PlaceOf(IDevCluster cluster) =>
        new(cluster.Address, Shown(options.Kubeconfig), Shown(options.LogFile), Shown(options.RouterLogFile))
        {
            Nature = cluster.Nature,
        };

    /// <summary>As people would type it from where they are.</summary>
    private string Shown(string path)
    {
        var relative = Path.GetRelativePath(environment.CurrentFolder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
