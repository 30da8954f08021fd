using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Applying;

/// <summary>One desired object: which requests it costs.</summary>
public sealed class ApplierTests
{
    private static readonly OwnerIdentity Stranger = new(
        Objects.Tenants, new ObjectKey("ns", "stranger"), "stranger-uid");

    private readonly ApplierFixture _fixture = new();

    private static DesiredObject Service =>
        ApplierFixture.Desired(ApplierFixture.Services, "svc", """{"ports":[{"port":80}]}""");

    private FakeTransport Api => _fixture.Transport;

    [Fact]
    public async Task Object_as_desired_costs_no_request()
    {
        var report = await _fixture.ApplyAsync([Service], ApplierFixture.Live(Service));
        Assert.Empty(Api.Calls);
        Assert.Equal(1, report.Unchanged);
        Assert.True(report.IsComplete);
    }

    [Fact]
    public async Task Missing_object_is_looked_for_and_then_applied_with_force()
    {
        var report = await _fixture.ApplyAsync([Service]);
        Assert.Equal(["get svc", "apply svc"], Api.Log);
        Assert.Equal(new WriteQuery { FieldManager = "op", Force = true }, Api.Calls[1].Query);
        Assert.Null(Api.Calls[1].Content!["metadata"]!["uid"]);
        var applied = Assert.Single(report.Applied);
        Assert.True(applied.WasCreated);
        Assert.Equal("new-uid", applied.Uid);
    }

    [Fact]
    public async Task Foreign_object_that_the_cache_does_not_hold_is_found_and_left_alone()
    {
        var foreign = ApplierFixture.Live(Service, Stranger);
        Api.Answer = call => call.Verb == "get" ? foreign.ReadContent() : throw new InvalidOperationException();
        var report = await _fixture.ApplyAsync([Service]);
        Assert.Equal(["get svc"], Api.Log);
        Assert.Contains(
            "controlled by Tenant stranger", Assert.Single(report.Foreign).Explanation, StringComparison.Ordinal);
        Assert.False(report.IsComplete);
    }

    [Fact]
    public async Task Own_object_that_the_cache_does_not_hold_yet_is_not_written_again()
    {
        Api.Answer = call => call.Verb == "get"
            ? ApplierFixture.Live(Service).ReadContent()
            : throw new InvalidOperationException();
        var report = await _fixture.ApplyAsync([Service]);
        Assert.Equal(["get svc"], Api.Log);
        Assert.Equal(1, report.Unchanged);
    }

    [Fact]
    public async Task Create_only_takes_one_request_and_a_taken_name_is_judged()
    {
        var desired = Service with { Guard = CreationGuard.CreateOnly };
        Assert.True(Assert.Single((await _fixture.ApplyAsync([desired])).Applied).WasCreated);
        Assert.Equal(["create svc"], Api.Log);
        Assert.Equal("op", Api.Calls[0].Query!.FieldManager);

        Api.Answer = call => call.Verb switch
        {
            "create" => throw FakeTransport.Refusal(HttpStatusCode.Conflict, "AlreadyExists"),
            _ => ApplierFixture.Live(Service, Stranger).ReadContent(),
        };
        Assert.Single((await _fixture.ApplyAsync([desired])).Foreign);
        Assert.Equal(["create svc", "create svc", "get svc"], Api.Log);
    }

    [Fact]
    public async Task Trusted_cache_saves_the_read()
    {
        await _fixture.ApplyAsync([Service with { Guard = CreationGuard.TrustCache }]);
        Assert.Equal(["apply svc"], Api.Log);
    }

    [Fact]
    public async Task Change_names_the_uid_so_that_a_namesake_is_not_changed()
    {
        var report =
            await _fixture.ApplyAsync([Service], ApplierFixture.Live(Service, spec: """{"ports":[{"port":81}]}"""));
        Assert.Equal(["apply svc"], Api.Log);
        Assert.Equal("uid-svc", Api.Calls[0].Content!["metadata"]!["uid"]!.GetValue<string>());
        Assert.False(Assert.Single(report.Applied).WasCreated);
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    public async Task Refused_change_is_looked_at_and_a_namesake_is_foreign_while_the_same_object_is_a_failure(
        HttpStatusCode code)
    {
        var drifted = ApplierFixture.Live(Service, spec: """{"ports":[{"port":81}]}""");
        var namesake = ApplierFixture.Live(Service, Stranger, change: o => o["metadata"]!["uid"] = "another");
        Api.Answer = call => call.Verb == "get" ? namesake.ReadContent() : throw FakeTransport.Refusal(code, "Invalid");
        Assert.Single((await _fixture.ApplyAsync([Service], drifted)).Foreign);
        Assert.Equal(["apply svc", "get svc"], Api.Log);
        Api.Answer = call => call.Verb == "get" ? drifted.ReadContent() : throw FakeTransport.Refusal(code, "Invalid");
        Assert.Equal("Invalid", Assert.Single((await _fixture.ApplyAsync([Service], drifted)).Failures).Reason);
    }

    [Fact]
    public async Task Object_whose_change_is_invalid_is_replaced_where_a_replacement_is_given()
    {
        var drifted = ApplierFixture.Live(Service, spec: """{"ports":[{"port":81}]}""");
        Api.Answer = call => call.Verb switch
        {
            "get" => drifted.ReadContent(),
            "apply" => throw FakeTransport.Refusal(HttpStatusCode.UnprocessableEntity, "Invalid"),
            "delete" => drifted.ReadContent(),
            _ => Versioned(call.Content!, "9"),
        };
        var report = await _fixture.ApplyAsync([Service with { Replacement = Service.Content }], drifted);
        Assert.Empty(report.Failures);
        Assert.Equal(["apply svc", "get svc", "delete svc", "create svc"], Api.Log);
    }

    [Fact]
    public async Task Difference_that_an_apply_cannot_remove_is_tried_once()
    {
        Api.Answer = call => Versioned(call.Content!, "5"); // the version stays: nothing changed
        const string Normalised = """{"ports":[{"port":80,"appProtocol":"x"}],"externalIPs":["10.0.0.1"]}""";
        var desired = ApplierFixture.Desired(
            ApplierFixture.Services, "svc", """{"ports":[{"port":80}],"externalIPs":["010.0.0.1"]}""");
        var first = await _fixture.ApplyAsync([desired], ApplierFixture.Live(desired, spec: Normalised));
        Assert.Equal(1, first.Unchanged);
        Assert.Equal(["apply svc"], Api.Log);

        // Another instance of another version: another process wrote its status.
        await _fixture.ApplyAsync([desired], ApplierFixture.Live(desired, version: "6", spec: Normalised));
        Assert.Equal(["apply svc"], Api.Log);

        // Something else is there now: worth a try.
        await _fixture.ApplyAsync(
            [desired],
            ApplierFixture.Live(desired, version: "7", spec: """{"ports":[{"port":80}],"externalIPs":["9.9.9.9"]}"""));
        Assert.Equal(["apply svc", "apply svc"], Api.Log);
    }

    [Theory]
    [InlineData("""{"podSelector":{},"policyTypes":["Ingress"]}""", "spec.policyTypes")]
    [InlineData("""{"podSelector":{},"policyTypes":["Ingress","Egress"],"egress":[{}]}""", "spec.egress")]
    [InlineData("""{"podSelector":{"matchLabels":{"a":"b"}},"policyTypes":["Ingress","Egress"]}""", "spec.podSelector")]
    public async Task Object_that_must_hold_and_is_stored_otherwise_fails_until_it_holds(string stored, string path)
    {
        var policy = ApplierFixture.Desired(
            ApplierFixture.Policies, "deny", """{"podSelector":{},"policyTypes":["Ingress","Egress"]}""") with
        {
            MustHold = true,
        };
        var live = ApplierFixture.Live(policy, spec: stored);
        Api.Answer = call => call.Verb == "get"
            ? throw FakeTransport.Refusal(HttpStatusCode.NotFound, "NotFound")
            : live.ReadContent();

        // Created so, found so, and looked at again before and after the pause.
        AssertContested(await _fixture.ApplyAsync([policy]), path);
        AssertContested(await _fixture.ApplyAsync([policy], live), path);
        Assert.Equal(["get deny", "apply deny"], Api.Log);
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        AssertContested(await _fixture.ApplyAsync([policy], live), path);
        Assert.Equal(3, Api.Calls.Count);

        Api.Answer = null;
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Single((await _fixture.ApplyAsync([policy], live)).Applied);
        Assert.True((await _fixture.ApplyAsync([policy], ApplierFixture.Live(policy))).IsComplete);
    }

    [Fact]
    public async Task Object_that_must_hold_may_be_written_with_the_servers_defaults()
    {
        var policy = ApplierFixture.Desired(ApplierFixture.Policies, "dns", """
            {"podSelector":{},"ingress":[],"egress":[{"to":[],"ports":[{"port":53}]}]}
            """) with { MustHold = true };
        var live = ApplierFixture.Live(
            policy, spec: """{"podSelector":{},"egress":[{"ports":[{"port":53,"protocol":"TCP"}]}]}""");
        Api.Answer = _ => live.ReadContent();

        Assert.True((await _fixture.ApplyAsync([policy], live)).IsComplete);
    }

    private static void AssertContested(ApplyReport report, string path)
    {
        var failure = Assert.Single(report.Failures);
        Assert.Equal(ApplyFailure.ChangedByAdmission, failure.Reason);
        Assert.StartsWith(path, failure.Message, StringComparison.Ordinal);
    }

    private static JsonObject Versioned(JsonObject content, string version)
    {
        var answer = content.DeepClone().AsObject();
        answer["metadata"]!["resourceVersion"] = version;
        return answer;
    }
}
