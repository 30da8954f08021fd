using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;
using static DevCluster.ApiServer.Tests.Storage.TestRegistry;

namespace DevCluster.ApiServer.Tests.Storage;

public sealed class ResourceRegistryTests
{
    [Fact]
    public void Each_write_has_a_revision_of_its_own()
    {
        var registry = Create();
        var first = registry.Create(ConfigMaps, ConfigMap("a"), Options);
        var second = registry.Create(ConfigMaps, ConfigMap("b"), Options);

        Assert.Equal(first.ResourceVersion + 1, second.ResourceVersion);
        Assert.Equal(registry.ResourceVersion, second.ResourceVersion);
        Assert.Equal(
            second.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture),
            (string?)second.Content["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public void The_callers_object_is_left_alone()
    {
        var content = ConfigMap("a");
        Create().Create(ConfigMaps, content, Options);

        Assert.True(JsonNode.DeepEquals(ConfigMap("a"), content));
    }

    [Fact]
    public void A_write_that_changes_nothing_is_none()
    {
        var registry = Create();
        var created = registry.Create(ConfigMaps, ConfigMap("a", "v"), Options);
        var same = registry.Update(ConfigMaps, "n", "a", content => content["data"]!["k"] = "v", Options);

        Assert.Same(created, same);
        Assert.Equal(created.ResourceVersion, registry.ResourceVersion);
    }

    [Fact]
    public void A_dry_run_is_admitted_but_not_stored()
    {
        var registry = Create();
        var dry = registry.Create(ConfigMaps, ConfigMap("a"), Options with { DryRun = true });

        Assert.NotEqual("", dry.Uid);
        Assert.Null(registry.Get(ConfigMaps, "n", "a"));
    }

    [Fact]
    public void A_refused_write_leaves_no_trace()
    {
        var registry = Create(new Refusing());
        var before = registry.ResourceVersion;

        Assert.Throws<ApiStatusException>(() => registry.Create(ConfigMaps, ConfigMap("a"), Options));
        Assert.Equal(before, registry.ResourceVersion);
        Assert.Empty(registry.List(ConfigMaps));
    }

    [Fact]
    public void Numbers_read_as_any_number_however_they_were_written()
    {
        var registry = Create();
        var content = ConfigMap("a");
        content["metadata"]!["generation"] = 1;
        var created = registry.Create(new ResourceId("scheduling.k8s.io", "priorityclasses"), new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "p" },
            ["value"] = 5,
        }, Options);

        Assert.Equal(5L, (long?)created.Content["value"]);
        Assert.Equal(5, (int?)created.Content["value"]);
        Assert.Equal(5.0, (double?)created.Content["value"]);
    }

    [Fact]
    public async Task Subscribers_see_every_change_in_order()
    {
        var registry = Create();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var changes = registry.Subscribe(stop.Token);
        registry.Create(ConfigMaps, ConfigMap("a"), Options);
        registry.Update(ConfigMaps, "n", "a", content => content["data"] = new JsonObject { ["k"] = "v" }, Options);
        registry.Delete(ConfigMaps, "n", "a", new DeletionOptions());
        await stop.CancelAsync();

        var seen = new List<ObjectChange>();
        await foreach (var change in changes.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            seen.Add(change);
        }

        Assert.Equal([ChangeType.Added, ChangeType.Modified, ChangeType.Deleted], seen.Select(change => change.Type));
        Assert.Equal(
            seen.Select(change => change.Object.ResourceVersion).Order(),
            seen.Select(change => change.Object.ResourceVersion));
        Assert.Equal("v", (string?)seen[2].Previous!.Content["data"]!["k"]);
    }

    [Fact]
    public void Concurrent_updates_are_all_kept()
    {
        var registry = Create();
        registry.Create(ConfigMaps, ConfigMap("a"), Options);
        Parallel.For(0, 200, i => registry.Update(
            ConfigMaps, "n", "a", content => (content["data"] as JsonObject ?? Add(content))[$"k{i}"] = "v", Options));

        Assert.Equal(200, registry.Get(ConfigMaps, "n", "a")!.Content["data"]!.AsObject().Count);
    }

    private static JsonObject Add(JsonObject content)
    {
        var data = new JsonObject();
        content["data"] = data;
        return data;
    }

    private sealed class Refusing : IAdmissionPlugin
    {
        public void Admit(AdmissionContext context) => throw ApiErrors.BadRequest("no");
    }
}
