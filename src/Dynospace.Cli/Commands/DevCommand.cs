using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Dynospace.Cli.Dev;
using Dynospace.Cli.Network;
using Dynospace.Cli.Terminal;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Commands;

/// <summary><c>dynospace dev</c>: a Kubernetes API server with the operator on it, on this machine alone.</summary>
public static class DevCommand
{
    private const int NetworkNodes = 2;
    private const int MostNodes = 16;

    private const string Details = """
        Everything is in memory and gone when the command ends. The nodes are simulated: pods become ready, but no
        image is pulled, no process runs and no packet flows. Routers do run, on ports of 127.0.0.1, and web dynos
        answer them with a page that shows the request. Applies crds/ and samples/, or what --apply names.

        With --network nodes and pods are network namespaces of this machine: each pod has a /30 of its own and real
        processes, node agents enforce the NetworkPolicies, routers run in pods, and kubectl exec, logs -f and
        port-forward work. Nothing leaves the machine, and all of it is removed at the end.

        Examples:
          dynospace dev
          dynospace dev --apply spaces/ --apply apps/
          sudo dynospace dev --network --nodes 3
          dynospace dev --once --timeout 2m      for scripts: exit code 0 when everything is ready
          kubectl --kubeconfig .dynospace/kubeconfig get spaces,apps,dynos -A

        """;

    public static Command Create(CliEnvironment environment)
    {
        var port = new Option<int>("--port")
        {
            Description = "The API server's port on 127.0.0.1; 0 for any that is free.",
            HelpName = "N",
            DefaultValueFactory = _ => DevOptions.DefaultPort,
            CustomParser = ParsePort,
        };
        var routerPort = new Option<int>("--router-port")
        {
            Description =
                "The first port of routers on 127.0.0.1; each takes two, for HTTP and HTTPS. 0 for any that are free.",
            HelpName = "N",
            DefaultValueFactory = _ => DevOptions.DefaultRouterPort,
            CustomParser = ParsePort,
        };
        var kubeconfig = new Option<string>("--kubeconfig")
        {
            Description = "Where to write the kubeconfig.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DevOptions.DefaultKubeconfig,
        };
        var apply = new Option<string[]>("--apply")
        {
            Description = "A folder, or a file, of YAML to apply in place of samples/. May be given more than once.",
            HelpName = "DIR",
        };
        var region = new Option<string>("--region")
        {
            Description = "The region of the simulated node. As on a real cluster, a Space of another gets no dyno.",
            HelpName = "NAME",
            DefaultValueFactory = _ => DevOptions.DefaultRegion,
        };
        var network = new Option<bool>("--network")
        {
            Description =
                "Give nodes and pods a real network, as network namespaces of this machine. Linux, as root; needs "
                + "nftables and util-linux.",
        };
        var nodes = new Option<int>("--nodes")
        {
            Description = "The number of nodes. [default: 1, with --network 2]",
            HelpName = "N",
            CustomParser = ParseNodes,
        };
        var once = new Option<bool>("--once")
        {
            Description =
                "Wait until everything is ready, print the table and end; exit code 1 when it does not get ready.",
        };
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long --once waits, such as 90s or 2m. [default: 60s]",
            HelpName = "TIME",
            CustomParser = DurationParser.Parse,
        };
        var plain = new Option<bool>("--plain")
        {
            Description =
                "Print a line for each change instead of a live table. The default if output is not a terminal.",
        };
        var logFile = new Option<string>("--log-file")
        {
            Description = "Where the operator's log goes.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DevOptions.DefaultLogFile,
        };
        var routerLogFile = new Option<string>("--router-log-file")
        {
            Description = "Where the routers' log goes, a line for each request.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DevOptions.DefaultRouterLogFile,
        };
        var verbosity = WordOption.Create(
            "--verbosity", [], "What the operator's log holds", "LEVEL", LogLevel.Information,
            LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error, LogLevel.None);

        var command = new DetailedCommand(
            "dev", "Run a Kubernetes API server with the operator on it, on this machine alone.", Details)
        {
            port,
            routerPort,
            kubeconfig,
            apply,
            region,
            network,
            nodes,
            once,
            timeout,
            plain,
            logFile,
            routerLogFile,
            verbosity,
        };
        command.SetAction((parsed, cancellationToken) => new DevSession(
            new DevOptions
            {
                Port = parsed.GetValue(port),
                RouterPort = parsed.GetValue(routerPort),
                Kubeconfig = environment.FullPath(parsed.GetRequiredValue(kubeconfig)),
                Apply = [.. parsed.GetValue(apply) ?? []],
                Once = parsed.GetValue(once),
                Timeout = parsed.GetValue(timeout) ?? DevOptions.DefaultTimeout,
                Plain = parsed.GetValue(plain) || !environment.IsTerminal,
                LogFile = environment.FullPath(parsed.GetRequiredValue(logFile)),
                RouterLogFile = environment.FullPath(parsed.GetRequiredValue(routerLogFile)),
                Verbosity = parsed.GetValue(verbosity),
            },
            environment,
            LauncherOf(
                environment,
                parsed.GetRequiredValue(region),
                parsed.GetValue(network),
                parsed.GetValue(nodes),
                environment.FullPath(parsed.GetRequiredValue(logFile))),
            new OperatorRunner(environment.Clock, parsed.GetValue(network))).RunAsync(cancellationToken));
        return command;
    }

    private static IDevClusterLauncher LauncherOf(
        CliEnvironment environment, string region, bool hasNetwork, int nodes, string logFile) => hasNetwork
        ? new NetworkLauncher(
            environment.Clock,
            region,
            new DevNetworkOptions(
                nodes == 0 ? NetworkNodes : nodes,
                EnforcesPolicies: true,
                Path.Combine(Path.GetDirectoryName(logFile)!, "node-agents.log")))
        : new DevClusterLauncher(environment.Clock, region, nodes == 0 ? 1 : nodes);

    private static int ParseNodes(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= MostNodes)
        {
            return number;
        }

        result.AddError($"'{text}' is not a valid number of nodes: use 1 to {MostNodes}");
        return 0;
    }

    private static int ParsePort(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return port;
        }

        result.AddError($"'{text}' is not a valid port: use 0 to 65535, where 0 is any that is free");
        return 0;
    }
}

/// <summary>
/// Reads spans of time as people write them: <c>90</c> and <c>90s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>.
/// </summary>
public static class DurationParser
{
    private static readonly (string Suffix, double Seconds)[] Units =
    [
        ("ms", 0.001),
        ("s", 1),
        ("m", 60),
        ("h", 3600),
        ("", 1),
    ];

    public static TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, out var span))
        {
            return span;
        }

        result.AddError($"'{text}' is not a duration: use one such as 90s or 2m.");
        return null;
    }

    public static bool TryParse(string text, out TimeSpan span)
    {
        var (suffix, seconds) = Units.First(unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal));
        var isNumber = double.TryParse(
            text[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        var total = number * seconds;
        var isSpan = isNumber && total > 0 && total <= TimeSpan.FromDays(1).TotalSeconds;
        span = isSpan ? TimeSpan.FromSeconds(total) : default;
        return isSpan;
    }
}
