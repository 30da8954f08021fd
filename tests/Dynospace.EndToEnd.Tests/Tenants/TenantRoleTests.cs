using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Tenants;

/// <summary>What people with a tenant's role can do, tried by doing it.</summary>
public sealed class TenantRoleTests(Platform platform)
{
    private const string Viewer = "dynospace-space-viewer";
    private const string Member = "dynospace-space-member";
    private const string Admin = "dynospace-space-admin";
    private const string Exec = "dynospace-space-exec";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_deploys_scales_runs_and_reads_logs()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        using var member = await TenantAccount.CreateAsync(platform, space, "mia", Member);

        (await member.Api.CreateAsync(Kinds.App, App(space, "shop"), "", Token)).Require();
        await space.AppReadyAsync("shop");
        (await member.Api.PatchAsync(
            Kinds.App,
            space.In("shop"),
            new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 2 } },
            "scale",
            Token)).Require();
        await space.UntilAsync("two web dynos", state => state.Of(Kinds.Dyno, space.Name).Count() == 2 ? state : null);
        (await member.Api.CreateAsync(Kinds.Dyno, Run(space, "shop", 1), "", Token)).Require();
        var pod =
            (await space.UntilAsync(
                "the one-off's pod",
                state => state.PodsOf(space.Name, "shop")
                    .FirstOrDefault(seen => seen.Name.StartsWith("shop--run-1-", StringComparison.Ordinal))));
        (await member.Api.DeleteAsync(Kinds.Dyno, space.In("shop.run.1"), Token)).Require();

        Assert.NotNull(pod);
        foreach (var path in new[]
        {
            Kinds.App.CollectionPath(space.Name),
            Kinds.Policy.CollectionPath(space.Name),
            Kinds.Event.CollectionPath(space.Name),
        })
        {
            (await member.Api.SendAsync(HttpMethod.Get, path, null, ApiClient.Json, ApiClient.Json, Token)).Require();
        }
    }

    /// <summary>Routers serve what the status says, so it must not come in with a spec either.</summary>
    [Fact]
    public async Task A_tenant_cannot_grant_a_host_by_writing_it_into_an_App()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        using var admin = await TenantAccount.CreateAsync(platform, space, "ada", Admin);
        var status = new JsonObject { ["hosts"] = new JsonArray("bank.example.com") };
        var app = App(space, "shop");
        app["status"] = status.DeepClone();

        var created = (await admin.Api.CreateAsync(Kinds.App, app, "", Token)).Require();
        var ready = await space.AppReadyAsync("shop");
        var patched =
            (await admin.Api.PatchAsync(
                Kinds.App, space.In("shop"), new JsonObject { ["status"] = status }, null, Token)).Require();

        Assert.Null(created["status"]?["hosts"]);
        Assert.DoesNotContain(
            "bank.example.com", ready.Content["status"]!["hosts"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "bank.example.com", patched["status"]!["hosts"]!.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>By whom, how, where, and with what; every row must be forbidden.</summary>
    public static TheoryData<string, string, string, string> Forbidden()
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var role in new[] { Viewer, Member, Admin, Exec })
        {
            data.Add(
                role,
                "POST",
                "/api/v1/namespaces/{0}/pods",
                """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
            data.Add(
                role,
                "POST",
                "/api/v1/namespaces/{0}/services",
                """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""");
            data.Add(
                role,
                "POST",
                "/apis/discovery.k8s.io/v1/namespaces/{0}/endpointslices",
                """{"metadata":{"name":"e"},"addressType":"IPv4","endpoints":[]}""");
            data.Add(
                role,
                "POST",
                "/apis/networking.k8s.io/v1/namespaces/{0}/networkpolicies",
                """{"metadata":{"name":"n"},"spec":{"podSelector":{},"ingress":[{}]}}""");
            data.Add(
                role,
                "PATCH",
                "/apis/networking.k8s.io/v1/namespaces/{0}/networkpolicies/default-deny",
                """{"spec":{"ingress":[{}]}}""");
            data.Add(role, "DELETE", "/apis/networking.k8s.io/v1/namespaces/{0}/networkpolicies/default-deny", "");
            data.Add(
                role,
                "PATCH",
                "/api/v1/namespaces/{0}",
                """{"metadata":{"labels":{"dynospace.dev/runtime":"Common"}}}""");
            data.Add(role, "DELETE", "/api/v1/namespaces/{0}", "");
            data.Add(role, "GET", "/apis/dynospace.dev/v1alpha1/spaces", "");
            data.Add(role, "PATCH", "/apis/dynospace.dev/v1alpha1/spaces/{0}", """{"spec":{"egress":null}}""");
            data.Add(
                role,
                "PATCH",
                "/apis/dynospace.dev/v1alpha1/namespaces/{0}/apps/shop/status",
                """{"status":{"release":1}}""");
            data.Add(
                role,
                "PATCH",
                "/apis/dynospace.dev/v1alpha1/namespaces/{0}/dynos/shop.web.1/status",
                """{"status":{"state":"Up"}}""");
            data.Add(
                role, "POST", "/apis/apps/v1/namespaces/{0}/deployments", """{"metadata":{"name":"d"},"spec":{}}""");
            data.Add(role, "POST", "/apis/batch/v1/namespaces/{0}/jobs", """{"metadata":{"name":"j"},"spec":{}}""");
            data.Add(
                role,
                "POST",
                "/apis/apps/v1/namespaces/{0}/controllerrevisions",
                """{"metadata":{"name":"shop-r9"},"revision":9}""");
            data.Add(role, "POST", "/api/v1/namespaces/{0}/serviceaccounts/default/token", """{"spec":{}}""");
            data.Add(role, "GET", "/api/v1/namespaces/dynospace-system/secrets", "");
            data.Add(role, "GET", "/apis/dynospace.dev/v1alpha1/apps", "");
        }

        foreach (var role in new[] { Viewer, Member, Admin })
        {
            data.Add(role, "POST", "/api/v1/namespaces/{0}/pods/any/exec?command=id&container=dyno&stdout=true", "");
            data.Add(role, "GET", "/api/v1/namespaces/{0}/pods/any/exec?command=id&container=dyno&stdout=true", "");
            data.Add(role, "POST", "/api/v1/namespaces/{0}/pods/any/portforward?ports=5000", "");
            data.Add(
                role,
                "PATCH",
                "/api/v1/namespaces/{0}/pods/any/ephemeralcontainers",
                """{"spec":{"ephemeralContainers":[]}}""");
            data.Add(role, "GET", "/api/v1/namespaces/{0}/pods/any/proxy/", "");
            data.Add(role, "GET", "/api/v1/namespaces/{0}/services/shop/proxy/", "");
        }

        foreach (var role in new[] { Viewer, Member, Exec })
        {
            data.Add(role, "GET", "/api/v1/namespaces/{0}/secrets", "");
            data.Add(role, "POST", "/api/v1/namespaces/{0}/secrets", """{"metadata":{"name":"s"}}""");
            data.Add(role, "DELETE", "/apis/dynospace.dev/v1alpha1/namespaces/{0}/apps/shop", "");
            data.Add(role, "GET", "/apis/rbac.authorization.k8s.io/v1/namespaces/{0}/rolebindings", "");
        }

        data.Add(Viewer, "POST", "/api/v1/namespaces/{0}/pods/any/attach?container=dyno&stdout=true", "");
        data.Add(
            Viewer,
            "POST",
            "/apis/dynospace.dev/v1alpha1/namespaces/{0}/apps",
            """{"metadata":{"name":"a"},"spec":{"image":"i"}}""");
        data.Add(
            Viewer,
            "PATCH",
            "/apis/dynospace.dev/v1alpha1/namespaces/{0}/apps/shop/scale",
            """{"spec":{"replicas":2}}""");
        data.Add(Viewer, "DELETE", "/apis/dynospace.dev/v1alpha1/namespaces/{0}/dynos/shop.web.1", "");
        data.Add(Viewer, "GET", "/api/v1/namespaces/{0}/pods/any/log", "");
        return data;
    }

    [Fact]
    public async Task What_no_role_gives_is_forbidden()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        var accounts = new Dictionary<string, TenantAccount>();
        foreach (var role in new[] { Viewer, Member, Admin, Exec })
        {
            accounts[role] = await TenantAccount.CreateAsync(platform, space, role.Split('-')[^1], role);
        }

        var admitted = new List<string>();
        foreach (var row in Forbidden())
        {
            var (role, method, path, body) = row.Data;
            var at = string.Format(System.Globalization.CultureInfo.InvariantCulture, path, space.Name);
            var answer = await accounts[role].Api.SendAsync(
                new HttpMethod(method),
                at,
                body.Length == 0 ? null : JsonNode.Parse(body),
                method == "PATCH" ? ApiClient.MergePatch : ApiClient.Json,
                ApiClient.Json,
                Token);
            if (answer.Code != HttpStatusCode.Forbidden || !answer.Message.Contains("cannot", StringComparison.Ordinal))
            {
                admitted.Add($"{role} {method} {at}: {(int)answer.Code} {answer.Message}");
            }
        }

        Assert.Empty(admitted);
        Assert.All(accounts.Values, account => account.Dispose());
    }

    [Theory]
    [InlineData(Viewer, true)]
    [InlineData(Member, true)]
    [InlineData(Admin, false)] // no escalation for RBAC, but the chart's admission policies refuse it
    [InlineData(Exec, false)]
    [InlineData("cluster-admin", false)]
    // what makes the built-in roles; they themselves are empty without a controller
    [InlineData("system:aggregate-to-admin", false)]
    [InlineData("system:aggregate-to-edit", false)]
    [InlineData("dynospace-operator", false)]
    public async Task A_space_admin_binds_roles_for_people_of_the_space_and_none_beyond_their_own(
        string role, bool isAdmitted)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        using var admin = await TenantAccount.CreateAsync(platform, space, "ada", Admin);

        var answer = await admin.Api.CreateAsync(TenantAccount.Binding(space, "granted", role, "default"), Token);

        Assert.Equal(isAdmitted, answer.IsSuccess);
        Assert.True(isAdmitted || answer.Code == HttpStatusCode.Forbidden, answer.Message);
    }

    [Fact]
    public async Task A_space_admin_cannot_turn_the_platforms_binding_to_themselves()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        using var admin = await TenantAccount.CreateAsync(platform, space, "ada", Admin);
        (await platform.Api.CreateAsync(TenantAccount.Binding(space, "support", Exec, "support"), Token)).Require();
        var toAdmin = new JsonObject
        {
            ["subjects"] = new JsonArray(
                new JsonObject { ["kind"] = "ServiceAccount", ["name"] = "ada", ["namespace"] = space.Name }),
        };

        var answer = await admin.Api.PatchAsync(Kinds.RoleBinding, space.In("support"), toAdmin, null, Token);

        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
    }

    [Fact]
    public async Task A_space_admin_keeps_secrets_and_deletes_apps()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        using var admin = await TenantAccount.CreateAsync(platform, space, "ada", Admin);
        var secret = new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new() { Name = "shop", NamespaceProperty = space.Name },
            StringData = new Dictionary<string, string> { ["A"] = "1" },
        };

        (await admin.Api.CreateAsync(secret, Token)).Require();
        (await admin.Api.CreateAsync(Kinds.App, App(space, "shop"), "", Token)).Require();
        await space.AppReadyAsync("shop");
        (await admin.Api.DeleteAsync(Kinds.App, space.In("shop"), Token)).Require();

        await space.GoneAsync(Kinds.App, space.In("shop"));
    }

    private JsonObject App(TestSpace space, string name) => ApiClient.ToJson(new Dynospace.Api.Apps.App
    {
        Metadata = new() { Name = name, NamespaceProperty = space.Name },
        Spec = new() { Image = platform.Workloads.Runs.Image, Processes = [platform.Workloads.Runs.Process("web", 1)] },
    });

    private JsonObject Run(TestSpace space, string app, int index) => ApiClient.ToJson(new Dynospace.Api.Dynos.Dyno
    {
        Metadata = new() { Name = $"{app}.run.{index}", NamespaceProperty = space.Name },
        Spec = new()
        {
            App = app,
            ProcessType = "run",
            Index = index,
            Command = [.. platform.Workloads.Exits(0).Command],
        },
    });
}
