using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Runtime.Tests.Servers;

/// <summary>What the applier assumes of server-side apply.</summary>
public abstract class ApplierServerTests(IServerUnderTest server)
{
    private const string Policy = """
        {"spec":{"podSelector":{"matchLabels":{"a":"b"}},"policyTypes":["Ingress","Egress"],
          "ingress":[{"from":[{"podSelector":{}}],"ports":[{"port":5000,"protocol":"TCP"}]}],
          "egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["10.0.0.0/8"]}}]}]}}
        """;

    private const string Workload = """
        {"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[
          {"name":"c","image":"example.dev/i:1","env":[{"name":"A","value":"1"}],"ports":[{"containerPort":80}],
           "resources":{"limits":{"cpu":"1000m","memory":"1024Mi"}}}]}}}}
        """;

    private static readonly ResourceKind Services = ResourceKind.For<V1Service>();
    private static readonly ResourceKind Policies = ResourceKind.For<V1NetworkPolicy>();
    private static readonly ResourceKind Deployments = ResourceKind.For<V1Deployment>();
    private static readonly ResourceKind ConfigMaps = ServerFixture.ConfigMaps;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_applied_is_as_desired_and_costs_no_further_request()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        DesiredObject[] desired =
        [
            fixture.Desired(Policies, "policy", Policy),
            fixture.Desired(
                Services,
                "service",
                """{"spec":{"selector":{"a":"b"},"ports":[{"port":80,"targetPort":5000},{"name":"x","port":81}]}}"""),
            fixture.Desired(Services, "headless", """{"spec":{"clusterIP":"None","selector":{"a":"b"}}}"""),
            fixture.Desired(Deployments, "workload", Workload),
            fixture.Desired(ConfigMaps, "config", """{"data":{"a":"1"}}"""),
        ];
        desired[1].Content["spec"]!["ports"]![0]!["name"] = "web";
        var report = await fixture.ApplyAsync(desired);
        Assert.Empty(report.Failures);
        Assert.Equal(desired.Length, report.Applied.Count(a => a.WasCreated));
        var live = new List<LiveObject>();
        foreach (var d in desired)
        {
            live.Add(await fixture.ReadAsync(d.Kind, d.Key.Name));
        }

        Assert.All(live, l => Assert.Equal(fixture.Owner.Uid, l.ControllerUid));
        fixture.Counted.TakeVerbs();
        var again = await fixture.ApplyAsync(desired, [.. live]);
        Assert.Equal(("", desired.Length), (fixture.Counted.TakeVerbs(), again.Unchanged));
    }

    [Fact]
    public async Task Drift_is_repaired_and_what_others_added_stays()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        var desired = fixture.Desired(Policies, "policy", Policy);
        await fixture.ApplyAsync([desired]);
        await fixture.Transport.PatchAsync(
            Policies,
            desired.Key,
            PatchFormat.Merge,
            JsonNode.Parse(
                """{"metadata":{"labels":{"mine":"x"}},"spec":{"ingress":[{}],"podSelector":{"matchLabels":{"extra":"y"}}}}""")!,
            new WriteQuery { FieldManager = "another" },
            Cancelled);
        var report = await fixture.ApplyAsync([desired], await fixture.ReadAsync(Policies, "policy"));
        Assert.False(Assert.Single(report.Applied).WasCreated);
        var content = (await fixture.ReadAsync(Policies, "policy")).ReadContent();
        Assert.Equal("x", content["metadata"]!["labels"]!["mine"]!.GetValue<string>());
        Assert.Equal("""{"matchLabels":{"a":"b"}}""", content["spec"]!["podSelector"]!.ToJsonString());
        Assert.Single(content["spec"]!["ingress"]![0]!["from"]!.AsArray());
    }

    [Fact]
    public async Task Field_that_is_no_longer_desired_is_removed()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        await fixture.ApplyAsync([fixture.Desired(ConfigMaps, "config", """{"data":{"a":"1","b":"2"}}""")]);
        var report = await fixture.ApplyAsync(
            [fixture.Desired(ConfigMaps, "config", """{"data":{"a":"1"}}""")],
            await fixture.ReadAsync(ConfigMaps, "config"));
        Assert.Single(report.Applied);
        Assert.Equal(
            """{"a":"1"}""", (await fixture.ReadAsync(ConfigMaps, "config")).ReadContent()["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData(CreationGuard.ReadFirst)]
    [InlineData(CreationGuard.CreateOnly)]
    public async Task Foreign_object_is_not_touched_even_if_the_cache_does_not_hold_it(CreationGuard guard)
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        var before =
            await fixture.Transport.CreateAsync(
                ConfigMaps, fixture.Object("config", """{"data":{"a":"theirs"}}"""), new WriteQuery(), Cancelled);
        var report =
            await fixture.ApplyAsync(
                [fixture.Desired(ConfigMaps, "config", """{"data":{"a":"ours"}}""") with { Guard = guard }]);
        Assert.Single(report.Foreign);
        var after = await fixture.ReadAsync(ConfigMaps, "config");
        Assert.Equal(before["metadata"]!["resourceVersion"]!.GetValue<string>(), after.ResourceVersion);
    }

    [Fact]
    public async Task Namesake_that_took_the_place_is_not_changed()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        var desired = fixture.Desired(ConfigMaps, "config", """{"data":{"a":"1"}}""");
        await fixture.ApplyAsync([desired]);
        var stale = await fixture.ReadAsync(ConfigMaps, "config");
        Assert.Null(await fixture.Applier.DeleteAsync(stale, Cancelled));
        await fixture.Transport.CreateAsync(
            ConfigMaps, fixture.Object("config", """{"data":{"a":"theirs"}}"""), new WriteQuery(), Cancelled);
        var report = await fixture.ApplyAsync([fixture.Desired(ConfigMaps, "config", """{"data":{"a":"2"}}""")], stale);
        Assert.Single(report.Foreign);
        Assert.Equal(
            "theirs", (await fixture.ReadAsync(ConfigMaps, "config")).ReadContent()["data"]!["a"]!.GetValue<string>());
        Assert.Null(await fixture.Applier.DeleteAsync(stale, Cancelled));
        Assert.NotNull(await fixture.ReadAsync(ConfigMaps, "config"));
    }

    [Fact]
    public async Task Status_is_written_once_and_loses_what_is_no_longer_said()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        var desired = fixture.Desired(Deployments, "workload", """
            {"spec":{"paused":true,"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
              "spec":{"containers":[{"name":"c","image":"example.dev/i:1"}]}}}}
            """);
        var uid = Assert.Single((await fixture.ApplyAsync([desired])).Applied).Uid;
        var target = new OwnerIdentity(Deployments, desired.Key, uid);
        const string Condition =
            """{"type":"Tested","status":"True","reason":"Test","message":"x","lastUpdateTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}""";
        var first = JsonNode.Parse($$"""{"conditions":[{{Condition}}],"unavailableReplicas":7}""")!.AsObject();
        Assert.True(
            (await fixture.Applier.ApplyStatusAsync(new StatusUpdate(target, first, null), Cancelled)).WasWritten);
        Assert.False(
            (await fixture.Applier.ApplyStatusAsync(new StatusUpdate(target, first, first), Cancelled)).WasWritten);
        var second = JsonNode.Parse($$"""{"conditions":[{{Condition}}]}""")!.AsObject();
        Assert.True(
            (await fixture.Applier.ApplyStatusAsync(new StatusUpdate(target, second, first), Cancelled)).WasWritten);
        var status = (await fixture.Transport.GetAsync(Deployments, desired.Key, Cancelled))["status"]!;
        Assert.Contains("Tested", status["conditions"]!.AsArray().Select(c => c!["type"]!.GetValue<string>()));
        Assert.Null(status["unavailableReplicas"]);
        var gone = target with { Key = new ObjectKey(fixture.Namespace, "nobody") };
        Assert.False((await fixture.Applier.ApplyStatusAsync(
            new StatusUpdate(gone with { Uid = "" }, second, null), Cancelled)).WasWritten);
    }

    [Fact]
    public async Task Finalizer_holds_an_object_until_it_is_removed()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        await fixture.ApplyAsync([fixture.Desired(ConfigMaps, "config", "{}")]);
        var stale = await fixture.ReadAsync(ConfigMaps, "config");
        Assert.Null(await fixture.Applier.SetFinalizerAsync(stale, "runtime-test.dev/hold", present: true, Cancelled));
        var conflict = await fixture.Applier.SetFinalizerAsync(
            stale, "runtime-test.dev/other", present: true, Cancelled);
        Assert.Equal(FailureClass.Transient, conflict!.Class);
        Assert.Null(await fixture.Applier.DeleteAsync(stale, Cancelled));
        var held = await fixture.ReadAsync(ConfigMaps, "config");
        Assert.True(held.IsTerminating);
        Assert.Single((await fixture.ApplyAsync([fixture.Desired(ConfigMaps, "config", "{}")], held)).Terminating);
        Assert.Null(await fixture.Applier.SetFinalizerAsync(held, "runtime-test.dev/hold", present: false, Cancelled));
        await Assert.ThrowsAsync<ApiException>(() => fixture.ReadAsync(ConfigMaps, "config"));
    }

    [Fact]
    public async Task Invalid_object_is_a_permanent_failure_with_the_servers_words()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        var report =
            await fixture.ApplyAsync([fixture.Desired(Services, "service", """{"spec":{"ports":[{"port":99999}]}}""")]);
        var failure = Assert.Single(report.Failures);
        Assert.Equal(FailureClass.Permanent, failure.Class);
        Assert.Equal("Invalid", failure.Reason);
        Assert.Contains("spec.ports[0].port", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminating_namespace_takes_nothing_and_is_not_a_failure()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        await fixture.ApplyAsync([fixture.Desired(ConfigMaps, "config", "{}")]);
        await fixture.Applier.SetFinalizerAsync(
            await fixture.ReadAsync(ConfigMaps, "config"), "runtime-test.dev/hold", present: true, Cancelled);
        await fixture.Transport.DeleteAsync(
            Objects.Namespaces, ObjectKey.ClusterScoped(fixture.Namespace), new DeleteQuery(), Cancelled);
        var report = await fixture.ApplyAsync([fixture.Desired(ConfigMaps, "late", "{}")]);
        Assert.Single(report.Terminating);
        Assert.Empty(report.Failures);
        await fixture.Applier.SetFinalizerAsync(
            await fixture.ReadAsync(ConfigMaps, "config"), "runtime-test.dev/hold", present: false, Cancelled);
    }
}
