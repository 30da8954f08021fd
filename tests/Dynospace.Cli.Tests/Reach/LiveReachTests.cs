using DevCluster.Simulator;
using Dynospace.Cli.Dev;
using Dynospace.Cli.Manifests;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Reach;
using Dynospace.Cli.Rendering;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Options;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dynospace.Cli.Tests.Reach;

/// <summary>A cluster with the operator on it gives the answers that the manifests gave before.</summary>
public sealed class LiveReachTests
{
    [Fact]
    public async Task A_live_cluster_answers_as_its_manifests_do()
    {
        using var environment = new TestEnvironment();
        var (clock, cancellationToken) = (TimeProvider.System, TestContext.Current.CancellationToken);
        await using var server =
            await DevClusterServer.StartAsync(
                new DevClusterOptions { ControlPlane = DevClusterLauncher.ControlPlane("oregon") },
                clock,
                NullLoggerFactory.Instance,
                cancellationToken);
        var kubeconfig = environment.Write("kubeconfig", server.Kubeconfig());
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        using var client = new Kubernetes(configuration);
        var transport = new ApiTransport(client, new ApiTransportOptions(), clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await ApplyDefinitionsAsync(environment.Cli, transport, cancellationToken);
        var watch = new PlatformWatch(transport, clock, NullLoggerFactory.Instance);
        Task[] running =
        [
            new OperatorRunner(clock, hasNetwork: false).RunAsync(
                configuration, NullLoggerFactory.Instance, stop.Token),
            watch.RunAsync(stop.Token),
        ];
        await ApplyAsync(
            ManifestReader.ReadPath(RepositoryFolder.Combine("samples"), "samples"), transport, cancellationToken);
        while (watch.Current.Dynos.Count(dyno => Conditions.IsTrue(dyno.Status?.Conditions, Api.ConditionTypes.Up)) < 7)
        {
            await watch.WaitForChangeAsync(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        }

        var live = await LiveWorld.ReadAsync(kubeconfig, null, clock, cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(running)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.Equal(Answers(FromManifests(environment.Cli)), Answers(live));
        Assert.Equal(
            SampleQuestions.All.Select(row => row.Data.Item3),
            Answers(live).Select(answer => answer.EndsWith(": True", StringComparison.Ordinal)));
        Assert.Equal(1, await environment.RunAsync("reach", "--kubeconfig", kubeconfig, "shop.web.1", "nothing"));
        Assert.Equal(2, await environment.RunAsync("reach", "--kubeconfig", kubeconfig, "hello.web.1", "hello.web.2"));
        Assert.Equal(0, await environment.RunAsync("reach", "--kubeconfig", kubeconfig, "--matrix", "acme-prod"));
        Assert.Matches(@"(?m)^node \S+ +yes", environment.Out.ToString());
    }

    private static IReadOnlyList<string> Answers(ReachWorld world) =>
    [
        .. SampleQuestions.All.Select(row => row.Data)
            .Select(
                ask =>
                    $"{ask.Item1} to {ask.Item2}: "
                    + $"{ReachAnswer.To(world, EndParser.Parse(ask.Item1), EndParser.Parse(ask.Item2), null).Verdict.Allowed}"),
    ];

    private static ReachWorld FromManifests(CliEnvironment environment)
    {
        var input = PlatformInputReader.Read(environment, [RepositoryFolder.Combine("samples")]);
        var (assumptions, options) = (new ClusterAssumptions(), new PlatformOptions());
        var facts = assumptions.Facts(input, options);
        return ManifestWorld.FromRendered(
            new RenderSource(
                input,
                ClusterAssumptions.PodRangesFor(facts),
                new PlatformRenderer(input, facts, options, assumeSecrets: false).Render()));
    }

    private static async Task ApplyDefinitionsAsync(
        CliEnvironment environment, ApiTransport transport, CancellationToken cancellationToken)
    {
        var definitions = ManifestSources.Crds(environment);
        await ApplyAsync(definitions, transport, cancellationToken);
        await new ManifestApplier(transport, new KindTable(), TimeProvider.System).WaitForEstablishedAsync(
            definitions, cancellationToken);
    }

    private static Task ApplyAsync(
        IReadOnlyList<Manifest> manifests, ApiTransport transport, CancellationToken cancellationToken) =>
        new ManifestApplier(transport, new KindTable(), TimeProvider.System).ApplyAsync(manifests, cancellationToken);
}
