using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Egress;
using Dynospace.EndToEnd.Tests.Faults;
using Dynospace.Planning.Options;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.EndToEnd.Tests.Support;

/// <summary>
/// What all tests share: a cluster with the CRDs of <c>crds/</c>, an operator that talks to it over HTTP, and a view of
/// both.
/// </summary>
public class Platform : IAsyncLifetime
{
    private readonly LogRecorder _logs = new();
    private readonly ILoggerFactory _loggers;
    private readonly string _run = Guid.NewGuid().ToString("N")[..5];
    private ITestCluster? _cluster;
    private ApiClient? _api;
    private ClusterView? _view;
    private OperatorRights? _rights;
    private RunningOperator? _operator;
    private int _spaces;

    public Platform() =>
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logs));

    /// <summary>Whether the operator's options ask for routes of the cluster's own gateway.</summary>
    private protected virtual bool MakesRoutes => false;

    /// <summary>Whether the operator's options ask for fixed IPs by the cluster's own egress gateway.</summary>
    private protected virtual bool HasForeignEgress => false;

    /// <summary>
    /// Whether the operator is one of these tests. Otherwise the chart has installed it in the cluster.
    /// </summary>
    private static bool HasOwnOperator => !InstalledPlatform.IsGiven;

    /// <summary>Why no cluster of this kind can run here, where that is so; tests are skipped then.</summary>
    private protected virtual string? Missing => null;

    internal ITestCluster Cluster => _cluster!;

    internal ClusterTraits Traits => Cluster.Traits;

    internal IWorkloads Workloads => Traits.Workloads;

    internal ApiClient Api => _api!;

    internal ClusterView View => _view!;

    internal RunningOperator Operator => _operator!;

    internal OperatorRights Rights => _rights!;

    internal IReadOnlyCollection<string> LogLines => _logs.Lines;

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        var cancellationToken = TestContext.Current.CancellationToken;
        _cluster = await StartClusterAsync(cancellationToken);
        _api = new ApiClient(Kubeconfigs.Read(_cluster.Kubeconfig));
        if (!HasOwnOperator)
        {
            _view = await ClusterView.StartAsync(_api, _cluster.Traits.Patience, cancellationToken);
            return;
        }

        await ApplyDefinitionsAsync(cancellationToken);
        await _api.CreateAsync(
            new V1Namespace
            {
                ApiVersion = "v1",
                Kind = "Namespace",
                Metadata = new() { Name = OperatorRights.Namespace },
            },
            cancellationToken);
        _rights = await OperatorRights.GrantAsync(
            _api, _cluster.Kubeconfig, MakesRoutes, HasForeignEgress, cancellationToken);
        await TenantRules.ApplyAsync(_api, cancellationToken);
        if (!Traits.RunsPods)
        {
            await NodeBeyond.AddAsync(_api, Traits.IsSimulated, cancellationToken);
        }

        _view = await ClusterView.StartAsync(_api, _cluster.Traits.Patience, cancellationToken);
        StartOperator();
    }

    public async ValueTask DisposeAsync()
    {
        // Where the cluster outlives the tests, so must the operator until the last space is gone.
        if (_view is not null && _cluster is GivenTestCluster)
        {
            await _view.UntilAsync(
                "all spaces of the tests are gone",
                "",
                state => state.Of(Kinds.Space, null)
                    .Any(space => space.Name.StartsWith($"e2e-{_run}", StringComparison.Ordinal)) ? null : state,
                CancellationToken.None);
        }

        foreach (var part in new IAsyncDisposable?[] { _operator, _view, _cluster }.OfType<IAsyncDisposable>())
        {
            await part.DisposeAsync();
        }

        _api?.Dispose();
        _loggers.Dispose();
        if (Environment.GetEnvironmentVariable("DYNOSPACE_TEST_LOG") is { Length: > 0 } file)
        {
            await File.WriteAllLinesAsync(file, LogLines);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A name that no other test has.</summary>
    internal string UniqueName() => $"e2e-{_run}-{Interlocked.Increment(ref _spaces)}";

    /// <summary>A space of the test's own; it exists once the test applies it.</summary>
    internal TestSpace NewSpace() => new(this, UniqueName());

    internal RunningOperator NewOperator(string? identity) =>
        RunningOperator.Start(Cluster, _rights!, _loggers, identity, isConnected: true);

    /// <summary>Starts the operator of all tests. Only tests that run alone may do so again.</summary>
    internal void StartOperator(bool isConnected = true, Func<PlatformOptions, PlatformOptions>? change = null) =>
        _operator = RunningOperator.Start(Cluster, _rights!, _loggers, null, isConnected, change ?? Adjust);

    /// <summary>Ends the operator and starts one with other options; without any, with those of the start.</summary>
    internal async Task RestartOperatorAsync(Func<PlatformOptions, PlatformOptions>? change = null)
    {
        await Operator.DisposeAsync();
        StartOperator(change: change);
    }

    /// <summary>Waits until a line with this text is logged.</summary>
    internal Task LoggedAsync(string text, CancellationToken cancellationToken) =>
        _logs.UntilAsync(text, Traits.Patience, cancellationToken);

    /// <summary>Skips the test where no cluster of this kind can run.</summary>
    internal void Require() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    private protected virtual Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken) =>
        TestClusters.StartAsync(cancellationToken);

    private protected virtual PlatformOptions Adjust(PlatformOptions options) => options;

    private async Task ApplyDefinitionsAsync(CancellationToken cancellationToken)
    {
        var awaited = new HashSet<string>();
        foreach (var file in Directory.GetFiles(RepositoryFolder.Combine("crds"), "dynospace.dev_*.yaml"))
        {
            var definition = YamlReader.ReadAll(await File.ReadAllTextAsync(file, cancellationToken))
                .Single()
                .AsObject();
            (await Api.ApplyAsync(Kinds.Definition, definition, cancellationToken)).Require();
            awaited.Add((string)definition["metadata"]!["name"]!);
        }

        await foreach (var change in Api.WatchAsync(Kinds.Definition, "0", cancellationToken))
        {
            if (IsEstablished(change["object"]!)
                && awaited.Remove((string)change["object"]!["metadata"]!["name"]!)
                && awaited.Count == 0)
            {
                return;
            }
        }
    }

    private static bool IsEstablished(JsonNode definition) => (definition["status"]?["conditions"] as JsonArray ?? [])
        .Any(condition => (string?)condition!["type"] == "Established" && (string?)condition["status"] == "True");
}
