using System.Net;
using System.Net.Sockets;
using Dynospace.Cli.Terminal;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>How <c>dynospace dev</c> runs.</summary>
public sealed record DevOptions
{
    public const int DefaultPort = 16443;

    public const int DefaultRouterPort = 18080;

    /// <summary>The region of the samples.</summary>
    public const string DefaultRegion = "oregon";

    public const string DefaultKubeconfig = ".dynospace/kubeconfig";

    public const string DefaultLogFile = ".dynospace/operator.log";

    public const string DefaultRouterLogFile = ".dynospace/router.log";

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The API server's port on loopback; 0 for any.</summary>
    public required int Port { get; init; }

    /// <summary>The first port of routers on loopback; 0 for any.</summary>
    public required int RouterPort { get; init; }

    /// <summary>Full path of the kubeconfig to write.</summary>
    public required string Kubeconfig { get; init; }

    /// <summary>Folders and files to apply; none for the samples.</summary>
    public IReadOnlyList<string> Apply { get; init; } = [];

    /// <summary>End as soon as everything is ready.</summary>
    public bool Once { get; init; }

    /// <summary>How long <see cref="Once"/> waits.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Lines instead of a live table.</summary>
    public bool Plain { get; init; }

    /// <summary>Full path of the operator's log.</summary>
    public required string LogFile { get; init; }

    /// <summary>Full path of the routers' log: a line for each request.</summary>
    public required string RouterLogFile { get; init; }

    /// <summary>What the log holds.</summary>
    public LogLevel Verbosity { get; init; } = LogLevel.Information;

    /// <summary>Finds out before anything is started whether routers can listen.</summary>
    /// <exception cref="CliException">A port is taken, or the same port would be used twice.</exception>
    public void CheckPorts()
    {
        if (RouterPort == 0)
        {
            return;
        }

        if (RouterPort == ushort.MaxValue)
        {
            throw new CliException(
                $"--router-port {RouterPort}: HTTPS takes the next port, and there is none: use 1 to "
                + $"{RouterPort - 1}, or 0 for any.");
        }

        foreach (var port in new[] { RouterPort, RouterPort + 1 })
        {
            if (port == Port)
            {
                throw new CliException(
                    $"--port {Port} and --router-port {RouterPort} (HTTP on {RouterPort}, HTTPS on {RouterPort + 1}) "
                    + $"are the same port: choose another for one.");
            }

            CheckFree(port);
        }
    }

    private static void CheckFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException e)
        {
            var reason = e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? "is taken: stop what listens there, or choose another"
                : $"cannot be opened ({e.Message}): choose another";
            throw new CliException(
                $"port {port} of 127.0.0.1, for routers, {reason} with --router-port N (0 for any).", e);
        }
    }
}
