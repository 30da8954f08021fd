using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Tests.Support;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Spaces;

/// <summary>
/// A space that comes back from a backup: every object has another uid, no owner reference and no status.
/// </summary>
public sealed class RestoreTests
{
    [Fact]
    public async Task A_restored_space_takes_its_namespace_policies_and_routers_over_by_itself()
    {
        var cluster = await RestoredAsync();

        await cluster.ReconcileAsync("acme");
        var writes = await cluster.ReconcileAsync("acme");

        Assert.DoesNotContain(writes, write => write.StartsWith("apply", StringComparison.Ordinal));
        var conditions = (await cluster.StatusOfAsync("acme"))!.Conditions;
        Assert.True(Conditions.IsTrue(conditions, ConditionTypes.NamespaceReady));
        Assert.True(Conditions.IsTrue(conditions, ConditionTypes.NetworkIsolated));
        Assert.NotEqual(Reasons.NameTaken.Name, Conditions.Find(conditions, ConditionTypes.RouterReady)!.Reason);
        var ns = cluster.Server.Live(Kinds.Namespace, Runtime.ObjectKey.ClusterScoped("acme"))!;
        Assert.Equal("uid-after", ns.Annotations[Annotations.SpaceUid]);
        var policy = cluster.Server.Live(Kinds.NetworkPolicy, new("acme", "default-deny"))!;
        Assert.Equal("uid-after", policy.Labels[Labels.OwnerUid]);
    }

    [Fact]
    public async Task A_restored_policy_that_the_space_no_longer_asks_for_goes()
    {
        var cluster = await RestoredAsync();
        cluster.Put(Kinds.NetworkPolicy, """
            { "metadata": { "name": "peer-networks", "namespace": "acme", "uid": "stale",
                "labels": { "app.kubernetes.io/managed-by": "dynospace", "dynospace.dev/space": "acme", "dynospace.dev/owner-uid": "uid-before" },
                "annotations": { "dynospace.dev/space-uid": "uid-before" } },
              "spec": { "podSelector": {}, "policyTypes": ["Egress"], "egress": [{}] } }
            """);

        Assert.Contains("delete NetworkPolicy acme/peer-networks", await cluster.ReconcileAsync("acme"));
    }

    [Fact]
    public async Task A_pod_without_a_dyno_goes_first_and_one_with_a_dyno_stays()
    {
        var cluster = await RestoredAsync();
        cluster.Put(
            Kinds.Pod,
            """{ "metadata": { "name": "shop-web-1-stray", "namespace": "acme", "uid": "s", "labels": { "dynospace.dev/dyno": "shop.web.1" } } }""");
        cluster.Put(Kinds.Pod, """
            { "metadata": { "name": "shop-web-1-x", "namespace": "acme", "uid": "x", "labels": { "dynospace.dev/dyno": "shop.web.1" },
                "ownerReferences": [{ "controller": true, "uid": "d", "kind": "Dyno", "name": "shop.web.1", "apiVersion": "dynospace.dev/v1alpha1" }] } }
            """);
        cluster.Put(
            Kinds.Pod,
            """{ "metadata": { "name": "db", "namespace": "acme", "uid": "db", "labels": { "app": "db" } } }""");

        var writes = await cluster.ReconcileAsync("acme");

        Assert.Equal(
            ["delete Pod acme/shop-web-1-stray"],
            writes.Where(write => write.StartsWith("delete", StringComparison.Ordinal)));
    }

    /// <summary>The space of the first is gone; the others bear no mark of one, or that of a living space.</summary>
    [Theory]
    [InlineData("uid-before", true)]
    [InlineData("uid-after", false)]
    [InlineData(null, false)]
    public async Task A_canary_of_a_space_that_is_gone_goes_and_an_imitation_is_left_alone(
        string? owner, bool isDeleted)
    {
        var cluster = await RestoredAsync();
        var mark = owner is null ? "" : $", \"dynospace.dev/owner-uid\": \"{owner}\"";
        cluster.Put(Kinds.Pod, $$"""
            { "metadata": { "name": "canary-target-x", "namespace": "acme", "uid": "c", "labels": {
                "app.kubernetes.io/managed-by": "dynospace", "dynospace.dev/space": "acme", "dynospace.dev/component": "canary",
                "dynospace.dev/canary": "target"{{mark}} } } }
            """);

        var writes = await cluster.ReconcileAsync("acme");

        Assert.Equal(isDeleted, writes.Contains("delete Pod acme/canary-target-x"));
    }

    [Fact]
    public async Task A_namespace_of_a_living_space_or_without_the_operators_marks_is_not_taken_over()
    {
        var cluster = await RestoredAsync();
        var other = ObservedCluster.Space("other");
        other.Metadata.Uid = "uid-before";
        cluster.Put(other);

        await cluster.ReconcileAsync("acme");

        Assert.Equal(
            Reasons.NamespaceNotAdopted.Name,
            Conditions.Find((await cluster.StatusOfAsync("acme"))!.Conditions, ConditionTypes.NamespaceReady)!.Reason);
    }

    [Fact]
    public async Task One_message_lists_all_that_stands_in_the_way()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        foreach (var name in new[] { "default-deny", "internet" })
        {
            cluster.Put(
                new V1NetworkPolicy
                {
                    ApiVersion = "networking.k8s.io/v1",
                    Kind = "NetworkPolicy",
                    Metadata = new() { Name = name, NamespaceProperty = "acme" },
                });
        }

        await cluster.ReconcileAsync("acme");

        var message =
            Conditions.Find((await cluster.StatusOfAsync("acme"))!.Conditions, ConditionTypes.NetworkIsolated)!.Message;
        Assert.Contains("default-deny", message, StringComparison.Ordinal);
        Assert.Contains("internet", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_a_space_names_the_finalizers_that_it_waits_for()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        await cluster.ReconcileAsync("acme");
        var deleted = ObservedCluster.Space();
        deleted.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        deleted.Metadata.Finalizers = [Finalizers.Space];
        cluster.Put(deleted);
        cluster.Put(Kinds.Pod, """
            { "metadata": { "name": "shop-web-1-x", "namespace": "acme", "uid": "x", "deletionTimestamp": "2026-03-01T00:00:00Z",
                "finalizers": ["mesh.example/drain"], "labels": { "dynospace.dev/dyno": "shop.web.1" } } }
            """);

        await cluster.ReconcileAsync("acme");

        Assert.Contains(
            "Pod shop-web-1-x (finalizer mesh.example/drain)",
            Conditions.Find((await cluster.StatusOfAsync("acme"))!.Conditions, ConditionTypes.Ready)!.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", "mesh.example/drain")]
    [InlineData("dynospace.dev/v1alpha1", "App", "orphan")]
    public async Task Deleting_a_space_names_held_policies_and_what_waits_to_be_orphaned(
        string version, string kind, string finalizer)
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        await cluster.ReconcileAsync("acme");
        var deleted = ObservedCluster.Space();
        deleted.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        deleted.Metadata.Finalizers = [Finalizers.Space];
        cluster.Put(deleted);
        cluster.Put(kind == "App" ? Kinds.App : Kinds.NetworkPolicy, $$"""
            { "apiVersion": "{{version}}", "kind": "{{kind}}",
              "metadata": { "name": "held", "namespace": "acme", "uid": "x", "deletionTimestamp": "2026-03-01T00:00:00Z",
                "finalizers": ["{{finalizer}}"] }, "spec": { "podSelector": {}, "image": "i" } }
            """);

        await cluster.ReconcileAsync("acme");

        Assert.Contains(
            $"{kind} held (finalizer {finalizer})",
            Conditions.Find((await cluster.StatusOfAsync("acme"))!.Conditions, ConditionTypes.Ready)!.Message,
            StringComparison.Ordinal);
    }

    /// <summary>Everything as a Space made it that had the uid of before; then the Space as it was restored.</summary>
    private static async Task<ObservedCluster> RestoredAsync()
    {
        var cluster = new ObservedCluster { Options = new() { Isolation = new() { TrialInterval = null } } };
        var space = ObservedCluster.Space();
        space.Metadata.Uid = "uid-before";
        cluster.Put(space);
        await cluster.ReconcileAsync("acme");
        await cluster.Server.Transport.DeleteAsync(
            Kinds.Space, Runtime.ObjectKey.ClusterScoped("acme"), new(), TestContext.Current.CancellationToken);
        space.Metadata.Uid = "uid-after";
        space.Metadata.Finalizers = [Finalizers.Space];
        cluster.Put(space);
        return cluster;
    }
}
