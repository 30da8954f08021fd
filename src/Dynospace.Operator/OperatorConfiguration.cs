using Dynospace.Hosting;
using Dynospace.Hosting.Options;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Microsoft.Extensions.Configuration;
using static Dynospace.Hosting.Options.OptionFormats;
using static Dynospace.Hosting.Options.OptionTable;

namespace Dynospace.Operator;

/// <summary>
/// The options of the operator's command line and environment, before the API server's credentials are read.
/// </summary>
public sealed record OperatorConfiguration
{
    /// <summary>What the platform team decides for the whole cluster.</summary>
    public PlatformOptions Platform { get; init; } = new();

    /// <summary>How to reach the API server.</summary>
    public ClusterConnection Cluster { get; init; } = new();

    /// <summary>Whether replicas share the work by a Lease; null for the default of the place where it runs.</summary>
    public bool? LeaderElection { get; init; }

    /// <summary>This process among its replicas.</summary>
    public string? Identity { get; init; }

    /// <summary>Where health and metrics answer.</summary>
    public int HealthPort { get; init; } = 8080;

    /// <summary>Every option of the operator.</summary>
    public static OptionTable<OperatorConfiguration> Table { get; } = new(
        new OperatorConfiguration(),
        [
            .. Part(
                (OperatorConfiguration all) => all.Cluster, (all, cluster) => all with { Cluster = cluster },
                ClusterConnection.Definitions),
            .. Part(
                (OperatorConfiguration all) => all.Platform, (all, platform) => all with { Platform = platform },
                PlatformOptionTable.Table.Definitions),
            Option("leaderElection", SwitchOrNone,
                (OperatorConfiguration all) => all.LeaderElection,
                (all, election) => all with { LeaderElection = election },
                "whether replicas share the work by a Lease in the system namespace, which then must exist",
                "`true` in a cluster"),
            Option("identity", TextOrNone("NAME"),
                (OperatorConfiguration all) => all.Identity, (all, identity) => all with { Identity = identity },
                "this process among its replicas", "host name and process id"),
            Option(
                "healthPort",
                Port,
                (OperatorConfiguration all) => all.HealthPort,
                (all, port) => all with { HealthPort = port },
                "the port of `/healthz`, `/readyz` and `/metrics`"),
        ]);

    /// <summary>The options of a process.</summary>
    /// <exception cref="OptionException">An option is unknown or its value is wrong.</exception>
    public static OperatorOptions Read(IConfiguration configuration) => Table.Read(configuration).ToOptions();

    /// <summary>Only what is decided for the platform, for tools that plan without a cluster.</summary>
    /// <exception cref="OptionException">An option is unknown or its value is wrong.</exception>
    public static PlatformOptions ReadPlatform(IConfiguration configuration) =>
        Table.Read(configuration).CheckedPlatform();

    /// <summary>The options with the API server's credentials.</summary>
    /// <exception cref="OptionException">Options contradict one another, or the kubeconfig cannot be used.</exception>
    public OperatorOptions ToOptions()
    {
        var platform = CheckedPlatform();
        var defaults = new OperatorOptions { Client = Cluster.Configure() };
        return defaults with
        {
            Platform = platform,
            LeaderElection = LeaderElection ?? k8s.KubernetesClientConfiguration.IsInCluster(),
            Identity = Identity ?? defaults.Identity,
            HealthPort = HealthPort,
        };
    }

    private PlatformOptions CheckedPlatform()
    {
        string[] mistakes = [.. Platform.Validate(), .. GatewayCatalog.Validate(Platform.Router)];
        return mistakes.Length > 0 ? throw new OptionException(string.Join(Environment.NewLine, mistakes)) : Platform;
    }
}
