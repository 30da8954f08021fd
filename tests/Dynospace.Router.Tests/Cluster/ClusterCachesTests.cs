using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Router.Cluster;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Testing.Applying;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Router.Tests.Cluster;

/// <summary>
/// Which namespaces a router asks for. It has rights in those of Spaces that are in use, and nowhere else.
/// </summary>
public sealed class ClusterCachesTests
{
    private static readonly ResourceKind Spaces = ResourceKind.For<Space>(isNamespaced: false);

    [Fact]
    public async Task A_space_that_has_given_no_rights_yet_is_not_asked_for()
    {
        var api = new RecordingApplier(
            new ApplierOptions { FieldManager = "test", HashAnnotation = "h", OwnerUidLabel = "o" });
        Put("ready", ConditionStatusOf(true));
        Put("fresh", null);
        Put("refused", ConditionStatusOf(false));
        using var stop = new CancellationTokenSource();
        var caches = new RouterCaches(
            api.Transport,
            new RouterScope(ListenerKind.Public, Space: null),
            new ChangeCollector(),
            TimeProvider.System,
            NullLoggerFactory.Instance);
        var running = caches.RunAsync(stop.Token);
        await caches.WaitForSpacesAsync(TestContext.Current.CancellationToken);

        await caches.FollowSpacesAsync();

        Assert.Equal(
            ["list App ready", "list Dyno ready", "list EndpointSlice ready", "list Space"], api.Lists.Order());
        await caches.StopAsync();
        await stop.CancelAsync();
        await running;

        void Put(string name, SpaceStatus? status) => api.Put(Spaces, JsonObjects.From(new Space
        {
            Metadata = new() { Name = name },
            Spec = new() { Runtime = SpaceRuntime.Common, Region = "oregon" },
            Status = status,
        }));
    }

    private static SpaceStatus ConditionStatusOf(bool isReady) => new()
    {
        Conditions =
        [
            new()
            {
                Type = ConditionTypes.NamespaceReady,
                Status = isReady ? "True" : "False",
                Reason = "Test",
                Message = "",
                LastTransitionTime = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc),
            },
        ],
    };
}
