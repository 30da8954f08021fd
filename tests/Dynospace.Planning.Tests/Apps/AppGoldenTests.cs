using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Apps;

public sealed class AppGoldenTests
{
    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void An_app_becomes_these_objects(SpaceRuntime runtime)
    {
        var app = Shop(runtime);
        var plan = AppPlanner.Plan(
            Sample.Observed(app) with { Space = Sample.ReadySpace(runtime), Secrets = [new("shop-secrets", "digest")] },
            Sample.Options);

        Assert.Null(plan.Problem);
        Assert.Empty(plan.Warnings);
        Golden.Verify(
            runtime.ToString().ToLowerInvariant(),
            "app",
            [plan.Release!, .. plan.Services, .. plan.Children.All<V1PodDisruptionBudget>(), .. plan.Dynos]);
    }

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void Its_dynos_become_these_pods(SpaceRuntime runtime)
    {
        var app = Shop(runtime);
        var release =
            ReleaseRecord.FromSpec(
                app.Spec,
                new Dictionary<string, SecretDigest> { ["shop-secrets"] = new("shop-secrets", "digest") }) with
            {
                Number = 1,
            };
        var run = Sample.Dyno(app, "run", 1);
        run.Spec.Command = ["bin/console"];
        Api.Dynos.Dyno[] dynos =
        [
            Sample.Dyno(app, "web", 1),
            Sample.Dyno(app, "worker", 1),
            Sample.Dyno(app, "release", 1),
            run,
        ];

        var pods =
            dynos.Select(
                dyno =>
                    DynoPlanner.Plan(
                        new() { Dyno = dyno, App = app, Space = Sample.ReadySpace(runtime), Releases = [release] },
                        Sample.Options).Pod!);

        Golden.Verify(runtime.ToString().ToLowerInvariant(), "pods", pods);
    }

    /// <summary>An app that uses all that an app may; internal where the runtime knows that.</summary>
    private static App Shop(SpaceRuntime runtime)
    {
        var app = Sample.App("shop", ("web", 2), ("worker", 1));
        app.Spec.Config = new Dictionary<string, string> { ["LOG_LEVEL"] = "info", ["PRICE"] = "5$ or $(HOME)" };
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        app.Spec.ImagePullSecrets = [new() { Name = "registry" }];
        app.Spec.InternalRouting = runtime == SpaceRuntime.Shield;
        app.Spec.Processes![1].Command = ["bin/worker"];
        app.Spec.Processes![1].Size = runtime == SpaceRuntime.Common ? DynoSizes.Standard2X : DynoSizes.PrivateM;
        app.Spec.Release = runtime == SpaceRuntime.Private ? new() { Command = ["bin/migrate"] } : null;
        return app;
    }
}
