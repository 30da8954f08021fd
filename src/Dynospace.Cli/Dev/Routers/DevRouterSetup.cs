using Dynospace.Router.Routing;
using k8s;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev.Routers;

/// <summary>What the routers of a dev cluster run with.</summary>
/// <param name="Client">An administrator, who signs routers in.</param>
/// <param name="Dynos">How dynos are reached.</param>
/// <param name="FirstPort">The first port of 127.0.0.1; 0 for any.</param>
/// <param name="Log">Where the lines of requests go.</param>
internal sealed record DevRouterSetup(
    KubernetesClientConfiguration Client, IDynoConnector Dynos, int FirstPort, Stream Log, TimeProvider Clock, ILoggerFactory Loggers);
