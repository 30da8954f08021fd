using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using static DevCluster.ApiServer.Tests.Storage.TestRegistry;

namespace DevCluster.ApiServer.Tests.Storage;

public sealed class ClusterStoreTests
{
    [Fact]
    public void A_watch_from_a_forgotten_revision_is_expired()
    {
        var store = new ClusterStore(historyLimit: 2);
        for (var i = 1; i <= 4; i++)
        {
            store.Commit(new ObjectChange(ChangeType.Added, Stored($"c{i}", store.Revision + 1), null));
        }

        var failure = Assert.Throws<ApiStatusException>(() => store.Watch(ConfigMaps, after: 2));
        Assert.Equal(
            (410, "Expired", "too old resource version: 2 (3)"), (failure.Code, failure.Reason, failure.Message));
        using var watch = store.Watch(ConfigMaps, after: 3);
        Assert.Equal(["c3", "c4"], Drain(watch));
    }

    [Fact]
    public void Compaction_forgets_everything_so_far()
    {
        var store = new ClusterStore();
        store.Commit(new ObjectChange(ChangeType.Added, Stored("a", 2), null));
        store.Compact(ConfigMaps);

        Assert.Throws<ApiStatusException>(() => store.Watch(ConfigMaps, after: 1));
        using var watch = store.Watch(ConfigMaps, after: 2);
        Assert.Empty(Drain(watch));
    }

    [Fact]
    public void A_list_and_its_watch_leave_no_gap()
    {
        var store = new ClusterStore();
        store.Commit(new ObjectChange(ChangeType.Added, Stored("a", 2), null));
        var (objects, revision, watch) = store.ListAndWatch(ConfigMaps, null);
        using (watch)
        {
            store.Commit(new ObjectChange(ChangeType.Added, Stored("b", 3), null));

            Assert.Equal(["a"], objects.Select(item => item.Name));
            Assert.Equal(2, revision);
            Assert.Equal(["b"], Drain(watch));
        }
    }

    [Fact]
    public void A_disposed_watch_hears_no_more()
    {
        var store = new ClusterStore();
        var watch = store.Watch(ConfigMaps, null);
        watch.Dispose();
        store.Commit(new ObjectChange(ChangeType.Added, Stored("a", 2), null));

        Assert.Empty(Drain(watch));
    }

    [Fact]
    public void Lists_are_ordered_by_namespace_and_name()
    {
        var store = new ClusterStore();
        var revision = store.Revision;
        foreach (var (ns, name) in new[] { ("b", "x"), ("a", "z"), ("a", "y") })
        {
            store.Commit(new ObjectChange(ChangeType.Added, Stored(name, ++revision, ns), null));
        }

        Assert.Equal(
            ["a/y", "a/z", "b/x"],
            store.List(ConfigMaps, null).Objects.Select(item => $"{item.Namespace}/{item.Name}"));
        Assert.Equal(["x"], store.List(ConfigMaps, "b").Objects.Select(item => item.Name));
    }

    private static StoredObject Stored(string name, long revision, string ns = "n")
    {
        var content = ConfigMap(name);
        content["metadata"]!["namespace"] = ns;
        return new StoredObject(ConfigMaps, revision, content);
    }

    private static List<string> Drain(ResourceWatch watch)
    {
        var names = new List<string>();
        while (watch.Changes.TryRead(out var change))
        {
            names.Add(change!.Object.Name);
        }

        return names;
    }
}
