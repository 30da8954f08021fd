using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>Starts the API server of <c>dynospace dev</c>; tests put another in its place.</summary>
internal interface IDevClusterLauncher
{
    /// <summary>Starts it; 0 takes any free port.</summary>
    /// <exception cref="CliException">The port is taken.</exception>
    Task<IDevCluster> StartAsync(int port, ILoggerFactory loggers, CancellationToken cancellationToken);
}
