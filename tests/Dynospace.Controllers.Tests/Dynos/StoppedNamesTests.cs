using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Dynos;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Dynos;

/// <summary>Which pods leave the names of their space, and when.</summary>
public sealed class StoppedNamesTests
{
    private static readonly PlatformOptions WithDns = new()
    {
        Dns = new() { SpaceImage = "registry.example/coredns:1" },
    };

    [Theory]
    [InlineData(true, SpaceRuntime.Private, true, true)]
    [InlineData(true, SpaceRuntime.Shield, true, true)]
    [InlineData(false, SpaceRuntime.Private, true, false)]
    [InlineData(true, SpaceRuntime.Common, true, false)]
    [InlineData(true, SpaceRuntime.Private, false, false)]
    public async Task A_pod_that_is_being_deleted_loses_its_name_where_there_are_names(
        bool isTerminating, SpaceRuntime runtime, bool hasDns, bool loses)
    {
        var world = new ReconcileWorld { Options = hasDns ? WithDns : new() };
        world.PutSpace(ReconcileWorld.Space, runtime);
        world.Put(Pod(isTerminating));
        world.Api.Forget();

        await world.ReconcileStoppedAsync("shop-web-1-abc");

        Assert.Equal(loses ? ["patch Pod acme/shop-web-1-abc"] : [], world.Api.Writes);
        var labels = (await world.GetAsync<V1Pod>("shop-web-1-abc")).Metadata.Labels;
        Assert.Equal(loses, !labels.ContainsKey(Labels.ComponentName));
        // What policies select by stays.
        Assert.Equal(("shop", "web"), (labels[Labels.App], labels[Labels.ProcessType]));
        world.Api.Forget();
        await world.ReconcileStoppedAsync("shop-web-1-abc");
        Assert.Empty(world.Api.Writes);
    }

    [Fact]
    public void Only_a_pod_that_is_being_deleted_and_has_a_name_wakes_it()
    {
        var pod = new PodFacts { Namespace = "acme", Name = "shop-web-1-abc", Uid = "1", HasName = true };
        var stopped = pod with { IsTerminating = true };

        Assert.Equal([new ObjectKey("acme", "shop-web-1-abc")], StoppedNames.OnPod(pod, stopped));
        Assert.Equal([new ObjectKey("acme", "shop-web-1-abc")], StoppedNames.OnPod(null, stopped));
        Assert.Empty(StoppedNames.OnPod(null, pod));
        Assert.Empty(StoppedNames.OnPod(stopped, stopped with { HasName = false }));
        Assert.Empty(StoppedNames.OnPod(stopped, null));
    }

    private static V1Pod Pod(bool isTerminating) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new()
        {
            Name = "shop-web-1-abc",
            NamespaceProperty = ReconcileWorld.Space,
            DeletionTimestamp = isTerminating ? DateTime.UnixEpoch : null,
            Labels = new Dictionary<string, string>
            {
                [Labels.App] = "shop",
                [Labels.ProcessType] = "web",
                [Labels.Dyno] = "shop.web.1",
                [Labels.ComponentName] = "web",
            },
        },
    };
}
