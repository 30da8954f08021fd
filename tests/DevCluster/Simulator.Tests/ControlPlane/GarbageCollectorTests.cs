using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class GarbageCollectorTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(DeletionPropagation.Background)]
    [InlineData(DeletionPropagation.Foreground)]
    public void Dependents_of_dependents_follow_their_owner(DeletionPropagation? propagation)
    {
        using var cluster = new SimulatedCluster();
        var owner = Add(cluster, "owner");
        var child = Add(cluster, "child", owner);
        Add(cluster, "grandchild", child);

        cluster.Delete(KnownResources.ConfigMaps, "owner", propagation);

        Assert.Equal(["kube-root-ca.crt"], Names(cluster));
    }

    [Fact]
    public void In_the_foreground_the_owner_waits_for_those_that_block_it()
    {
        using var cluster = new SimulatedCluster();
        var owner = Add(cluster, "owner");
        Add(cluster, "child", owner);
        cluster.Edit(
            KnownResources.ConfigMaps,
            "child",
            content => content["metadata"]!["finalizers"] = new JsonArray("example.com/hold"));

        cluster.Delete(KnownResources.ConfigMaps, "owner", DeletionPropagation.Foreground);
        Assert.Equal(["child", "kube-root-ca.crt", "owner"], Names(cluster));
        cluster.Edit(
            KnownResources.ConfigMaps, "child", content => content["metadata"]!.AsObject().Remove("finalizers"));

        Assert.Equal(["kube-root-ca.crt"], Names(cluster));
    }

    [Fact]
    public void In_the_background_the_owner_waits_for_nobody()
    {
        using var cluster = new SimulatedCluster();
        var owner = Add(cluster, "owner");
        Add(cluster, "child", owner);
        cluster.Edit(
            KnownResources.ConfigMaps,
            "child",
            content => content["metadata"]!["finalizers"] = new JsonArray("example.com/hold"));

        cluster.Delete(KnownResources.ConfigMaps, "owner");

        Assert.Equal(["child", "kube-root-ca.crt"], Names(cluster));
        Assert.True(cluster.Read(KnownResources.ConfigMaps, "child").Has("metadata", "deletionTimestamp"));
    }

    [Fact]
    public void Orphans_stay_and_forget_their_owner()
    {
        using var cluster = new SimulatedCluster();
        var owner = Add(cluster, "owner");
        Add(cluster, "child", owner);

        cluster.Delete(KnownResources.ConfigMaps, "owner", DeletionPropagation.Orphan);

        Assert.Equal(["child", "kube-root-ca.crt"], Names(cluster));
        Assert.False(cluster.Read(KnownResources.ConfigMaps, "child").Has("metadata", "ownerReferences"));
    }

    [Fact]
    public void One_living_owner_is_enough()
    {
        using var cluster = new SimulatedCluster();
        var (first, second) = (Add(cluster, "first"), Add(cluster, "second"));
        Add(cluster, "child", first, second);

        cluster.Delete(KnownResources.ConfigMaps, "first");

        Assert.Equal(
            second.Uid,
            Assert.Single(cluster.Read(KnownResources.ConfigMaps, "child").Items("metadata", "ownerReferences"))
                .Text("uid"));
        cluster.Delete(KnownResources.ConfigMaps, "second");
        Assert.Null(cluster.Find(KnownResources.ConfigMaps, "child"));
    }

    [Theory]
    [InlineData("uid")]
    [InlineData("name")]
    [InlineData("kind")]
    public void A_reference_that_does_not_fit_its_owner_leads_nowhere(string field)
    {
        using var cluster = new SimulatedCluster();
        var owner = Add(cluster, "owner");
        var reference = Reference(owner);
        reference[field] = "Other";

        AddWith(cluster, "child", "default", reference);

        Assert.Null(cluster.Find(KnownResources.ConfigMaps, "child"));
    }

    [Fact]
    public void An_owner_in_another_namespace_counts_as_absent()
    {
        using var cluster = new SimulatedCluster();
        var owner = Add(cluster, "owner");

        AddWith(cluster, "child", "kube-public", Reference(owner));

        Assert.Null(cluster.Find(KnownResources.ConfigMaps, "child", "kube-public"));
    }

    [Fact]
    public void A_cluster_scoped_owner_keeps_dependents_anywhere_until_it_goes()
    {
        using var cluster = new SimulatedCluster();
        var owner = cluster.Apply(KnownResources.Namespaces, "{metadata: {name: home}}");
        AddWith(cluster, "child", "default", Reference(owner));
        Assert.NotNull(cluster.Find(KnownResources.ConfigMaps, "child"));

        cluster.Delete(KnownResources.Namespaces, "home", ns: null);

        Assert.Null(cluster.Find(KnownResources.ConfigMaps, "child"));
    }

    private static StoredObject Add(SimulatedCluster cluster, string name, params StoredObject[] owners) =>
        AddWith(cluster, name, "default", [.. owners.Select(Reference)]);

    private static StoredObject AddWith(SimulatedCluster cluster, string name, string ns, params JsonNode[] references)
    {
        var content = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = ns,
                ["ownerReferences"] = new JsonArray(references),
            },
        };
        var created = cluster.Registry.Create(KnownResources.ConfigMaps, content, new WriteOptions("test"));
        cluster.Settle();
        return created;
    }

    private static JsonObject Reference(StoredObject owner) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = owner.Content.Text("kind"),
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["blockOwnerDeletion"] = true,
    };

    private static IEnumerable<string> Names(SimulatedCluster cluster) =>
        cluster.Registry.List(KnownResources.ConfigMaps, "default").Select(found => found.Name);

    [Fact]
    public void An_owner_stays_while_a_dependent_cannot_be_released()
    {
        using var cluster = new SimulatedCluster();
        var owner = cluster.Apply(KnownResources.ConfigMaps, "metadata: {name: owner}");
        var content = SimulatedCluster.Parse($$"""
            metadata:
              name: r
              namespace: default
              ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: {{owner.Uid}}}]
            revision: 1
            data: {b: 1, a: 2}
            """);
        cluster.Registry.Create(
            KnownResources.ControllerRevisions,
            content,
            new WriteOptions("test") { Data = new SentData("""{"b":1,"a":2}""", false) });
        cluster.Settle();

        cluster.Delete(KnownResources.ConfigMaps, "owner", DeletionPropagation.Orphan);
        cluster.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(["orphan"], cluster.Read(KnownResources.ConfigMaps, "owner").Map("metadata").Texts("finalizers"));
    }
}
