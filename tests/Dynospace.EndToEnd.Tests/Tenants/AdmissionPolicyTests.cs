using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Tenants;

/// <summary>What the chart's ValidatingAdmissionPolicies refuse to everybody but the operator.</summary>
public sealed class AdmissionPolicyTests(Platform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_gets_a_shell_in_a_shield_space()
    {
        await using var shield = platform.NewSpace();
        await using var other = platform.NewSpace();
        await shield.StartAsync(SpaceRuntime.Shield);
        await other.StartAsync(SpaceRuntime.Private);
        foreach (var space in new[] { shield, other })
        {
            await space.CreateAppAsync("shop", formation: ("worker", 1));
            await space.AppReadyAsync("shop");
        }

        foreach (var way in new[]
        {
            "exec?command=id&container=dyno&stdout=true",
            "attach?container=dyno&stdout=true",
            "portforward?ports=5000",
        })
        {
            var refused = await ConnectAsync(shield, way);
            AssertForbidden(refused, "belongs to a Shield space, where nobody gets into a dyno by");
            Assert.NotEqual(HttpStatusCode.Forbidden, (await ConnectAsync(other, way)).Code);
        }
    }

    [Fact]
    public async Task Members_attach_to_one_offs_alone()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("worker", 1));
        await space.AppReadyAsync("shop");
        using var member = await TenantAccount.CreateAsync(platform, space, "mia", "dynospace-space-member");
        await space.CreateRunAsync("shop", 7, platform.Workloads.Runs);
        var run = await space.PodOfRunAsync("shop", 7, isRecorded: false);

        var refused = await AttachAsync(member, space, space.Pods("shop").Single(pod => pod.Name != run).Name);
        var admitted = await AttachAsync(member, space, run);

        AssertForbidden(refused, "is not a one-off run, and only those can be attached to");
        Assert.NotEqual(HttpStatusCode.Forbidden, admitted.Code);
    }

    [Fact]
    public async Task Only_recorded_runs_are_attached_to_in_a_shield_space()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Shield);
        await space.CreateAppAsync("shop", formation: ("worker", 1));
        await space.AppReadyAsync("shop");
        var worker = space.Pods("shop")[0].Name;
        using var member = await TenantAccount.CreateAsync(platform, space, "mia", "dynospace-space-member");
        await space.CreateRunAsync("shop", 7, platform.Workloads.Runs, takesInput: true);
        await space.CreateRunAsync("shop", 8, platform.Workloads.Runs);
        var recorded = await space.PodOfRunAsync("shop", 7, isRecorded: true);
        var other = await space.PodOfRunAsync("shop", 8, isRecorded: false);

        Assert.NotEqual(HttpStatusCode.Forbidden, (await AttachAsync(member, space, recorded)).Code);
        AssertForbidden(await AttachAsync(member, space, recorded, "recorder"), "which is recorded: start one with");
        AssertForbidden(await AttachAsync(member, space, other), "which is recorded: start one with dynospace run");
        // Two policies refuse it, and the API server reports either of them.
        AssertForbidden(await AttachAsync(member, space, worker), "start one with dynospace run");
        AssertForbidden(
            await platform.Api.SendAsync(
                HttpMethod.Post,
                $"/api/v1/namespaces/{space.Name}/pods/{recorded}/exec?command=id&container=dyno&stdout=true",
                null,
                ApiClient.Json,
                ApiClient.Json,
                Token),
            "where nobody gets into a dyno by exec: start a one-off run");
    }

    private static Task<ApiAnswer> AttachAsync(
        TenantAccount member, TestSpace space, string pod, string container = "dyno") =>
        member.Api.SendAsync(
            HttpMethod.Post,
            $"/api/v1/namespaces/{space.Name}/pods/{pod}/attach?container={container}&stdout=true",
            null,
            ApiClient.Json,
            ApiClient.Json,
            Token);

    [Fact]
    public async Task Only_the_operator_stores_releases_and_the_values_of_their_secrets()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        using var editor =
            await TenantAccount.CreateAsync(
                platform, space, "eve", "system:aggregate-to-edit", "system:aggregate-to-view");

        var refused = await editor.Api.CreateAsync(
            new V1Secret
            {
                ApiVersion = "v1",
                Kind = "Secret",
                Metadata = new()
                {
                    Name = "shop-r1",
                    NamespaceProperty = space.In("shop").Namespace,
                    Labels = new Dictionary<string, string> { ["dynospace.dev/release"] = "1" },
                },
            },
            Token);

        AssertForbidden(refused, "only the operator stores those: remove the labels");
    }

    [Fact]
    public async Task Only_the_operator_makes_dynos_that_are_an_apps()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("worker", 1));
        var app = await space.AppReadyAsync("shop");
        using var member = await TenantAccount.CreateAsync(platform, space, "eve", "dynospace-space-member");
        var dyno = new Dyno
        {
            Metadata = new()
            {
                Name = "shop.worker.2",
                NamespaceProperty = space.Name,
                OwnerReferences =
                [
                    new()
                    {
                        ApiVersion = "dynospace.dev/v1alpha1",
                        Kind = "App",
                        Name = "shop",
                        Uid = app.Uid,
                        Controller = true,
                    },
                ],
            },
            Spec = new() { App = "shop", ProcessType = "worker", Index = 2 },
        };

        var refused = await member.Api.CreateAsync(dyno, Token);

        AssertForbidden(refused, "which only the operator does: remove it");
    }

    [Fact]
    public async Task Only_the_operator_makes_pods_with_the_labels_that_policies_select_by()
    {
        // The tests' administrator may do everything, and so may what the policy takes for the operator.
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        using var editor =
            await TenantAccount.CreateAsync(
                platform, space, "eve", "system:aggregate-to-edit", "system:aggregate-to-view");

        foreach (var label in new[] { "dynospace.dev/dyno", "dynospace.dev/component", "dynospace.dev/space" })
        {
            var refused = await editor.Api.CreateAsync(Pod(space, "imitation", label), Token);
            AssertForbidden(refused, "only the operator sets them: remove them from the pod or its template");
        }

        AssertForbidden(
            await editor.Api.CreateAsync(Pod(space, "shop--run-1-rec-x", "app"), Token),
            "marks the pods of one-off runs, and only the operator makes those: choose another name");
        (await editor.Api.CreateAsync(Pod(space, "data", "app"), Token)).Require();
        var relabelled = await editor.Api.PatchAsync(
            Kinds.Pod,
            space.In("data"),
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["dynospace.dev/dyno"] = "x.web.1" } },
            },
            null,
            Token);
        Assert.Equal(HttpStatusCode.Forbidden, relabelled.Code);
    }

    [Theory]
    [InlineData(SpaceRuntime.Common, DynoSizes.PrivateM, "size Private-M needs a Private or Shield space, and ")]
    [InlineData(SpaceRuntime.Common, "Custom-Private-Huge", "size Custom-Private-Huge needs a Private or Shield")]
    [InlineData(SpaceRuntime.Common, DynoSizes.Standard2X, null)]
    [InlineData(SpaceRuntime.Private, DynoSizes.PrivateM, null)]
    public async Task A_size_of_another_runtime_is_refused_at_once(SpaceRuntime runtime, string size, string? refusal)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(runtime);
        using var member = await TenantAccount.CreateAsync(platform, space, "mia", "dynospace-space-member");
        var app = new App
        {
            Metadata = new() { Name = "sized", NamespaceProperty = space.Name },
            Spec = new()
            {
                Image = "registry.example/shop:1",
                Processes = [new() { Type = "worker", Quantity = 0, Size = size }],
            },
        };
        var dyno = new Dyno
        {
            Metadata = new() { Name = "sized.run.1", NamespaceProperty = space.Name },
            Spec = new() { App = "sized", ProcessType = "run", Index = 1, Size = size, Command = ["id"] },
        };

        foreach (var answer in new[]
        {
            await member.Api.CreateAsync(app, Token),
            await member.Api.CreateAsync(dyno, Token),
        })
        {
            if (refusal is null)
            {
                answer.Require();
            }
            else
            {
                AssertForbidden(answer, refusal);
            }
        }
    }

    [Fact]
    public async Task No_secret_of_a_space_becomes_a_service_accounts_token()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        using var admin = await TenantAccount.CreateAsync(platform, space, "ada", "dynospace-space-admin");

        var refused = await admin.Api.CreateAsync(
            new V1Secret
            {
                ApiVersion = "v1",
                Kind = "Secret",
                Metadata = new()
                {
                    Name = "mine",
                    NamespaceProperty = space.Name,
                    Annotations = new Dictionary<string, string> { ["kubernetes.io/service-account.name"] = "default" },
                },
                Type = "kubernetes.io/service-account-token",
            },
            Token);

        AssertForbidden(
            refused, "would give every reader of the Secret the rights of a service account: choose another type");
    }

    [Theory]
    [InlineData("dynospace-space-member", "User", "mia@example.com", null)]
    [InlineData("dynospace-space-viewer", "Group", "product-team", null)]
    [InlineData("dynospace-space-admin", "User", "mia@example.com", "is not yours to bind in a space")]
    [InlineData("dynospace-space-exec", "User", "mia@example.com", null, true)]
    [InlineData("dynospace-space-member", "Group", "system:authenticated", "stand for whole groups")]
    [InlineData("dynospace-space-member", "Group", "system:unauthenticated", "stand for whole groups")]
    [InlineData("dynospace-space-viewer", "User", "system:anonymous", "stand for whole groups")]
    public async Task A_space_admin_binds_members_and_viewers_and_no_admins(
        string role, string kind, string subject, string? refusal, bool isRefusedByRbac = false)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        using var admin = await TenantAccount.CreateAsync(platform, space, "ada", "dynospace-space-admin");
        var binding = TenantAccount.Binding(space, "granted", role, "");
        binding.Subjects = [new() { Kind = kind, ApiGroup = "rbac.authorization.k8s.io", Name = subject }];

        var answer = await admin.Api.CreateAsync(binding, Token);

        Assert.Equal(refusal is null && !isRefusedByRbac, answer.IsSuccess);
        if (refusal is not null)
        {
            AssertForbidden(answer, refusal);
        }
    }

    [Fact]
    public async Task A_space_admin_adds_nobody_to_the_platforms_binding_of_admins()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        using var admin = await TenantAccount.CreateAsync(platform, space, "ada", "dynospace-space-admin");
        var everybody = new JsonObject
        {
            ["subjects"] = new JsonArray(new JsonObject
            {
                ["kind"] = "Group",
                ["apiGroup"] = "rbac.authorization.k8s.io",
                ["name"] = "system:authenticated",
            }),
        };
        var label = new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["team"] = "ada" } },
        };

        var refused =
            await admin.Api.PatchAsync(
                Kinds.RoleBinding, space.In("ada-dynospace-space-admin"), everybody, null, Token);
        var labelled =
            await admin.Api.PatchAsync(Kinds.RoleBinding, space.In("ada-dynospace-space-admin"), label, null, Token);

        Assert.Equal(HttpStatusCode.Forbidden, refused.Code);
        Assert.True(labelled.IsSuccess, labelled.Message);
    }

    [Theory]
    [InlineData("router-internal", false)]
    [InlineData("router-publicity", true)]
    public async Task A_space_admin_takes_no_name_of_the_routers_rights(string name, bool isAdmitted)
    {
        // Of a Common space, where the operator makes nothing called router-internal.
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        using var admin = await TenantAccount.CreateAsync(platform, space, "ada", "dynospace-space-admin");
        var binding = TenantAccount.Binding(space, "granted", "dynospace-space-viewer", "");
        binding.Metadata.Name = name;
        binding.Subjects =
            [new() { Kind = "User", ApiGroup = "rbac.authorization.k8s.io", Name = "mia@example.com" }];

        var answer = await admin.Api.CreateAsync(binding, Token);

        Assert.Equal(isAdmitted, answer.IsSuccess);
        if (!isAdmitted)
        {
            AssertForbidden(answer, "is kept for what the router may read in a space: choose another name");
        }
    }

    private Task<ApiAnswer> ConnectAsync(TestSpace space, string way) => platform.Api.SendAsync(
        HttpMethod.Post,
        $"/api/v1/namespaces/{space.Name}/pods/{space.Pods("shop")[0].Name}/{way}",
        null,
        ApiClient.Json,
        ApiClient.Json,
        Token);

    private static V1Pod Pod(TestSpace space, string name, string label) =>
        RestrictedPod.Of(space.In(name), "registry.example/it:1", (label, "x"));

    private static void AssertForbidden(ApiAnswer answer, string message)
    {
        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }
}
