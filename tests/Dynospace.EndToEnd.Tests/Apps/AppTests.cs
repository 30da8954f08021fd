using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Apps;

/// <summary>What an App becomes.</summary>
public sealed class AppTests(Platform platform)
{
    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    public async Task An_app_becomes_dynos_pods_and_services(SpaceRuntime runtime)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(runtime);

        await space.CreateAppAsync("shop", formation: [("web", 2), ("worker", 1)]);
        var app = await space.AppReadyAsync("shop");

        Assert.Equal(["shop.web.1", "shop.web.2", "shop.worker.1"], space.Now(Kinds.Dyno).Select(dyno => dyno.Name));
        Assert.All(
            space.Now(Kinds.Dyno),
            dyno => Assert.True(dyno.Has(ConditionTypes.Up), $"{dyno.Condition(ConditionTypes.Up)}"));
        Assert.Equal(
            ["shop.web.1", "shop.web.2", "shop.worker.1"],
            space.Pods("shop").Select(pod => pod.Label(Labels.Dyno)).Order(StringComparer.Ordinal));
        Assert.Equal(["shop", "shop--web", "shop--worker"], space.Now(Kinds.Service).Select(service => service.Name));
        var status = app.As<App>().Status!;
        Assert.Equal(("3/3", 1, 2), (status.Dynos, status.Release, status.Replicas));
        Assert.All(
            [ConditionTypes.Accepted, ConditionTypes.Released, ConditionTypes.Available, ConditionTypes.Routed],
            type => Assert.True(app.Has(type)));
        Assert.Null(app.Condition(ConditionTypes.Reconciling));
        Assert.Null(app.Condition(ConditionTypes.Stalled));
    }

    [Fact]
    public async Task The_environment_holds_port_dyno_config_and_secrets()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.SetSecretAsync("shop-secrets", "TOKEN", "do-not-tell");

        await space.CreateAppAsync(
            "shop",
            app =>
            {
                app.Config = new Dictionary<string, string> { ["LOG_LEVEL"] = "info", ["PRICE"] = "$(HOME)" };
                app.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
            },
            ("web", 1),
            ("worker", 1));
        await space.AppReadyAsync("shop");

        var web = Container(space, "web");
        Assert.Equal("5000", Variable(web, "PORT"));
        Assert.Equal("web.1", Variable(web, "DYNO"));
        Assert.Equal("info", Variable(web, "LOG_LEVEL"));
        Assert.Equal("$$(HOME)", Variable(web, "PRICE")); // which the kubelet hands on as $(HOME)
        Assert.Equal("shop-r1", Assert.Single(web.EnvFrom).SecretRef.Name); // the values as the release stored them
        Assert.Equal(5000, Assert.Single(web.Ports).ContainerPort);
        var worker = Container(space, "worker");
        Assert.Null(Variable(worker, "PORT"));
        Assert.Equal("worker.1", Variable(worker, "DYNO"));
        Assert.Null(worker.Ports);
    }

    [Fact]
    public async Task Pods_are_hardened()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");

        var pod = Assert.Single(space.Pods("shop")).As<V1Pod>();

        var container = Assert.Single(pod.Spec.Containers);
        Assert.False(pod.Spec.AutomountServiceAccountToken);
        Assert.False(pod.Spec.EnableServiceLinks);
        Assert.True(pod.Spec.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.Spec.SecurityContext.SeccompProfile.Type);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Empty(pod.Spec.Volumes ?? []);
    }

    [Fact]
    public async Task Services_find_exactly_the_dynos_that_they_are_for()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 2), ("worker", 1)]);
        await space.AppReadyAsync("shop");

        var web = space.Now(Kinds.Service, "shop").As<V1Service>();

        var port = Assert.Single(web.Spec.Ports);
        Assert.Equal((80, "5000"), (port.Port, port.TargetPort.Value));
        Assert.Equal("None", space.Now(Kinds.Service, "shop--web").As<V1Service>().Spec.ClusterIP);
        Assert.Equal(["shop.web.1", "shop.web.2"], Selected(space, web));
        Assert.Equal(["shop.worker.1"], Selected(space, space.Now(Kinds.Service, "shop--worker").As<V1Service>()));
    }

    [Fact]
    public async Task Everything_names_its_owner()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        var app = await space.AppReadyAsync("shop");

        var dyno = space.Now(Kinds.Dyno, "shop.web.1");

        Assert.Equal(app.Uid, Controller(dyno));
        Assert.Equal(dyno.Uid, Controller(Assert.Single(space.Pods("shop"))));
        Assert.All(
            space.Now(Kinds.Service).Concat(space.Now(Kinds.Revision)),
            child => Assert.Equal(app.Uid, Controller(child)));
    }

    [Fact]
    public async Task Deleting_an_app_takes_all_that_it_is_made_of()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("web", 2));
        await space.CreateAppAsync("stays", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        await space.AppReadyAsync("stays");

        await space.DeleteAsync(Kinds.App, space.In("shop"));

        await space.UntilAsync(
            "only the other app is left",
            state =>
                new[]
                {
                    Kinds.Dyno,
                    Kinds.Pod,
                    Kinds.Service,
                    Kinds.Revision,
                }.All(kind => state.Of(kind, space.Name).All(seen => seen.Label(Labels.App) != "shop")) ? state : null);
        Assert.Single(space.Pods("stays"));
    }

    private static string? Controller(SeenObject child) =>
        (string?)Assert.Single(child.Metadata["ownerReferences"]!.AsArray())!["uid"];

    private static V1Container Container(TestSpace space, string type) =>
        Assert.Single(space.Pods("shop"), pod => pod.Label(Labels.ProcessType) == type).As<V1Pod>().Spec.Containers[0];

    private static string? Variable(V1Container container, string name) =>
        container.Env.SingleOrDefault(variable => variable.Name == name)?.Value;

    private static IEnumerable<string?> Selected(TestSpace space, V1Service service) => space.Pods("shop")
        .Where(pod => service.Spec.Selector.All(label => pod.Label(label.Key) == label.Value))
        .Select(pod => pod.Label(Labels.Dyno))
        .Order(StringComparer.Ordinal);
}
