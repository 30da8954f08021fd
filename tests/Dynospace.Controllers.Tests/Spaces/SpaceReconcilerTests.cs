using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Runtime;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynospace.Controllers.Tests.Spaces;

/// <summary>The order in which a Space's reconcile writes, and what it leaves undone when a write fails.</summary>
public sealed class SpaceReconcilerTests
{
    [Fact]
    public async Task The_finalizer_comes_first_then_the_fence_then_the_router_then_the_status()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());

        var writes = await cluster.ReconcileAsync("acme");

        Assert.Equal(
            ["patch Space acme", "create Namespace dynospace-system"], [writes[0], writes.Single(IsSystemNamespace)]);
        InOrder(
            writes,
            "patch Space acme",
            "apply Namespace acme",
            "apply NetworkPolicy acme/default-deny",
            "apply NetworkPolicy acme/internet",
            "apply NetworkPolicy dynospace-system/router-public-acme",
            "apply ClusterRoleBinding dynospace-router-public-acme",
            "apply Deployment dynospace-system/router-public-acme",
            "status Space acme");
        Assert.True(
            IndexOf(writes, "apply Role acme/router-public") < IndexOf(writes, "apply RoleBinding acme/router-public"));
    }

    [Fact]
    public async Task When_the_third_write_fails_nothing_opens_and_the_status_says_so()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        cluster.Server.RefuseWrite(3);

        var writes = await cluster.ReconcileAsync("acme");

        Assert.Equal(
            ["patch Space acme", "apply Namespace acme", "apply NetworkPolicy acme/default-deny", "status Space acme"],
            writes);
        var conditions = await ConditionsOf(cluster, "acme");
        Assert.False(Conditions.IsTrue(conditions, ConditionTypes.NetworkIsolated));
        Assert.Contains(
            "default-deny",
            Conditions.Find(conditions, ConditionTypes.NetworkIsolated)!.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_policy_does_not_make_the_namespace_unready()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        cluster.Server.RefuseWrites("NetworkPolicy acme/internet");

        await cluster.ReconcileAsync("acme");

        var conditions = await ConditionsOf(cluster, "acme");
        Assert.True(Conditions.IsTrue(conditions, ConditionTypes.NamespaceReady));
        Assert.False(Conditions.IsTrue(conditions, ConditionTypes.NetworkIsolated));
    }

    [Fact]
    public async Task A_refused_namespace_withholds_the_policies()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        cluster.Server.RefuseWrites("Namespace acme", HttpStatusCode.InternalServerError, "InternalError");

        var writes = await cluster.ReconcileAsync("acme");

        Assert.DoesNotContain(writes, write => write.Contains("NetworkPolicy", StringComparison.Ordinal));
        Assert.False(Conditions.IsTrue(await ConditionsOf(cluster, "acme"), ConditionTypes.NamespaceReady));
        Assert.False(Conditions.IsTrue(await ConditionsOf(cluster, "acme"), ConditionTypes.NetworkIsolated));
    }

    [Theory]
    [InlineData("Role", "acme", "router-public")]
    [InlineData("RoleBinding", "acme", "router-public")]
    [InlineData("ClusterRole", null, "dynospace-router-public-acme")]
    [InlineData("ClusterRoleBinding", null, "dynospace-router-public-acme")]
    [InlineData("ServiceAccount", "dynospace-system", "router-public-acme")]
    [InlineData("Deployment", "dynospace-system", "router-public-acme")]
    [InlineData("Service", "dynospace-system", "router-public-acme")]
    [InlineData("NetworkPolicy", "dynospace-system", "router-public-acme")]
    [InlineData("NetworkPolicy", "acme", "default-deny")]
    public async Task A_name_of_another_owner_is_looked_at_again_soon(string kind, string? ns, string name)
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        var resource = new[]
        {
            Kinds.Role, Kinds.RoleBinding, Kinds.ClusterRole, Kinds.ClusterRoleBinding, Kinds.ServiceAccount,
            Kinds.Deployment, Kinds.Service, Kinds.NetworkPolicy,
        }.Single(candidate => candidate.Kind == kind);
        var taken = new JsonObject
        {
            ["apiVersion"] = resource.ApiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns, ["uid"] = "uid-other" },
        };
        cluster.Put(resource, taken.ToJsonString());

        for (var i = 0; i < 3; i++)
        {
            await cluster.ReconcileAsync("acme");
        }

        Assert.Contains(
            (await ConditionsOf(cluster, "acme"))!, condition => condition.Reason == Reasons.NameTaken.Name);
        Assert.True(cluster.Recheck <= TimeSpan.FromSeconds(10), $"{cluster.Recheck}");
    }

    [Fact]
    public async Task A_router_into_which_another_program_writes_again_is_corrected_after_a_pause()
    {
        var cluster = new ObservedCluster { Options = new() { Isolation = new() { TrialInterval = null } } };
        cluster.Put(ObservedCluster.Space());
        await cluster.ReconcileAsync("acme");
        await cluster.ReconcileAsync("acme");

        Meddle();
        await cluster.ReconcileAsync("acme");
        Meddle();
        await cluster.ReconcileAsync("acme");

        Assert.InRange(cluster.Recheck ?? TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5));

        void Meddle() => ForeignWrites.Add(
            cluster.Server,
            new ObjectReference(Kinds.Deployment, new ObjectKey("dynospace-system", "router-public-acme")),
            "paused",
            JsonValue.Create(true));
    }

    [Fact]
    public async Task A_refused_finalizer_stops_everything()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        cluster.Server.RefuseWrite(1);

        Assert.Equal(["patch Space acme"], await cluster.ReconcileAsync("acme"));
    }

    [Fact]
    public async Task A_trial_starts_only_when_nothing_was_written()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        Assert.DoesNotContain(await cluster.ReconcileAsync("acme"), IsCanary);

        Assert.Contains(await cluster.ReconcileAsync("acme"), IsCanary);
    }

    [Fact]
    public async Task A_steady_space_costs_no_writes()
    {
        var cluster = new ObservedCluster { Options = new() { Isolation = new() { TrialInterval = null } } };
        cluster.Put(ObservedCluster.Space());
        await cluster.ReconcileAsync("acme");
        await cluster.ReconcileAsync("acme");

        Assert.Empty(await cluster.ReconcileAsync("acme"));
    }

    [Fact]
    public async Task Only_what_was_edited_or_deleted_by_hand_is_reported_as_restored()
    {
        var cluster = new ObservedCluster { Options = new() { Isolation = new() { TrialInterval = null } } };
        cluster.Put(ObservedCluster.Space());
        await cluster.ReconcileAsync("acme");
        await cluster.ReconcileAsync("acme");
        cluster.Put(Kinds.Node, """
            { "metadata": { "name": "n" }, "status": { "addresses": [{ "type": "ExternalIP", "address": "203.0.113.9" }] } }
            """);

        Assert.Contains("apply NetworkPolicy acme/internet", await cluster.ReconcileAsync("acme"));
        Assert.DoesNotContain(cluster.Events, text => text.Contains(Reasons.Restored.Name, StringComparison.Ordinal));

        await cluster.Server.Transport.DeleteAsync(
            Kinds.NetworkPolicy, new("acme", "default-deny"), new(), TestContext.Current.CancellationToken);
        await cluster.ReconcileAsync("acme");
        Assert.Single(cluster.Events, text => text.Contains("default-deny was missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_common_space_judges_the_shared_router_by_the_routers_own_objects()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space("web", SpaceRuntime.Common));
        cluster.Put(Kinds.Service, """
            { "metadata": { "name": "router-public", "namespace": "dynospace-system", "labels": {} }, "spec": {} }
            """);

        await cluster.ReconcileAsync("web");

        var condition = Conditions.Find(await ConditionsOf(cluster, "web"), ConditionTypes.RouterReady)!;
        Assert.Equal(Reasons.NameTaken.Name, condition.Reason);
        Assert.Contains("Service dynospace-system/router-public", condition.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_space_that_is_deleted_loses_its_dynos_and_router_while_its_policies_are_put_back()
    {
        var cluster = new ObservedCluster();
        cluster.Put(ObservedCluster.Space());
        await cluster.ReconcileAsync("acme");
        cluster.Put(
            Kinds.App,
            """{ "metadata": { "name": "shop", "namespace": "acme", "uid": "a" }, "spec": { "image": "i" } }""");
        cluster.Put(Kinds.Dyno, """
            { "metadata": { "name": "shop.web.1", "namespace": "acme", "uid": "d" }, "spec": { "app": "shop", "processType": "web", "index": 1 } }
            """);
        var deleted = ObservedCluster.Space();
        deleted.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        deleted.Metadata.Finalizers = [Finalizers.Space];
        cluster.Put(deleted);
        await cluster.Server.Transport.DeleteAsync(
            Kinds.NetworkPolicy, new("acme", "internet"), new(), TestContext.Current.CancellationToken);

        var writes = await cluster.ReconcileAsync("acme");

        InOrder(
            writes,
            "delete App acme/shop",
            "delete Dyno acme/shop.web.1",
            "apply NetworkPolicy acme/internet",
            "delete Deployment dynospace-system/router-public-acme",
            "delete NetworkPolicy dynospace-system/router-public-acme",
            "status Space acme");
        Assert.DoesNotContain(
            writes, write => write.StartsWith("delete NetworkPolicy acme/", StringComparison.Ordinal));
        Assert.DoesNotContain(writes, write => write.StartsWith("patch Space", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_policy_that_admission_opens_does_not_isolate_and_heals_when_admission_stops()
    {
        var clock = new FakeTimeProvider();
        var cluster = new ObservedCluster(clock);
        cluster.Put(ObservedCluster.Space());
        cluster.Server.Mutate((kind, stored) =>
        {
            if (kind == Kinds.NetworkPolicy && stored["metadata"]!["name"]!.GetValue<string>() == "default-deny")
            {
                stored["spec"]!["policyTypes"] = new JsonArray("Ingress");
            }
        });

        await cluster.ReconcileAsync("acme");
        await AssertContestedAsync(cluster);
        Assert.DoesNotContain("apply NetworkPolicy acme/default-deny", await cluster.ReconcileAsync("acme"));
        await AssertContestedAsync(cluster);
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("apply NetworkPolicy acme/default-deny", await cluster.ReconcileAsync("acme"));
        await AssertContestedAsync(cluster);

        cluster.Server.Mutate((_, _) => { });
        clock.Advance(TimeSpan.FromMinutes(2));
        await cluster.ReconcileAsync("acme");
        await cluster.ReconcileAsync("acme");
        Assert.True(Conditions.IsTrue(await ConditionsOf(cluster, "acme"), ConditionTypes.NetworkIsolated));
    }

    private static async Task AssertContestedAsync(ObservedCluster cluster)
    {
        var conditions = await ConditionsOf(cluster, "acme");
        var condition = Conditions.Find(conditions, ConditionTypes.NetworkIsolated)!;
        Assert.Equal((ConditionStatus.False, Reasons.ChangedByAdmission.Name), (condition.Status, condition.Reason));
        Assert.Contains("acme/default-deny: spec.policyTypes", condition.Message, StringComparison.Ordinal);
        Assert.False(Conditions.IsTrue(conditions, ConditionTypes.Ready));
    }

    private static async Task<IEnumerable<V1Condition>?> ConditionsOf(ObservedCluster cluster, string space) =>
        (await cluster.StatusOfAsync(space))!.Conditions;

    private static bool IsSystemNamespace(string write) =>
        write.EndsWith("Namespace dynospace-system", StringComparison.Ordinal);

    private static bool IsCanary(string write) =>
        write.StartsWith("create Pod acme/canary-target-", StringComparison.Ordinal);

    private static int IndexOf(IReadOnlyList<string> writes, string write)
    {
        Assert.Contains(write, writes);
        return writes.ToList().IndexOf(write);
    }

    private static void InOrder(IReadOnlyList<string> writes, params string[] expected) =>
        Assert.Equal(expected, expected.OrderBy(write => IndexOf(writes, write)));
}
