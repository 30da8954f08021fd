using System.Text;
using System.Text.Json.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Tenants;

/// <summary>The table of docs/tenants.md is what the API server answers for each role, verb and resource.</summary>
public sealed class RoleTableTests(Platform platform)
{
    private static readonly string[] Roles = ["viewer", "member", "admin", "exec"];

    private static readonly string[] Read = ["get", "list", "watch"];

    private static readonly string[] Verbs = [.. Read, "create", "update", "patch", "delete", "deletecollection"];

    private static readonly (string Group, string[] Resources)[] Resources =
    [
        ("dynospace.dev", ["spaces", "apps", "apps/scale", "apps/status", "dynos", "dynos/status"]),
        ("", [
            "secrets",
            "pods",
            "pods/log",
            "pods/exec",
            "pods/attach",
            "pods/portforward",
            "pods/ephemeralcontainers",
            "pods/eviction",
            "pods/proxy",
        ]),
        ("", [
            "services",
            "services/proxy",
            "endpoints",
            "configmaps",
            "events",
            "serviceaccounts",
            "serviceaccounts/token",
            "resourcequotas",
            "limitranges",
            "namespaces",
        ]),
        ("apps", ["controllerrevisions", "deployments", "statefulsets", "daemonsets"]),
        ("batch", ["jobs", "cronjobs"]),
        ("networking.k8s.io", ["networkpolicies", "ingresses"]),
        ("discovery.k8s.io", ["endpointslices"]),
        ("rbac.authorization.k8s.io", ["rolebindings", "roles"]),
    ];

    [Fact]
    public async Task The_table_of_rights_is_what_the_API_server_answers()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        foreach (var role in Roles)
        {
            var binding = TenantAccount.Binding(space, role, $"dynospace-space-{role}", "");
            binding.Subjects =
            [
                new() { Kind = "User", ApiGroup = "rbac.authorization.k8s.io", Name = UserOf(space, role) },
            ];
            (await platform.Api.CreateAsync(binding, TestContext.Current.CancellationToken)).Require();
        }

        await UntilBoundAsync(space);
        var table = new StringBuilder("| resource | viewer | member | admin | exec |\n|---|---|---|---|---|\n");
        foreach (var (group, resource) in Resources.SelectMany(
            entry => entry.Resources.Select(resource => (entry.Group, resource))))
        {
            table.Append("| `").Append(resource).Append("` |");
            foreach (var role in Roles)
            {
                table.Append(' ').Append(await CellAsync(space, role, group, resource)).Append(" |");
            }

            table.Append('\n');
        }

        DocumentSection.Verify(RepositoryFolder.Combine("docs", "tenants.md"), "rights", table.ToString());
    }

    private static string UserOf(TestSpace space, string role) => $"{role}@{space.Name}";

    private async Task UntilBoundAsync(TestSpace space)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(platform.Traits.Patience);
        foreach (var role in Roles)
        {
            while (!await MayAsync(space, role, "get", "", "pods"))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
            }
        }
    }

    private async Task<string> CellAsync(TestSpace space, string role, string group, string resource)
    {
        var allowed = new List<string>();
        foreach (var verb in Verbs)
        {
            if (await MayAsync(space, role, verb, group, resource))
            {
                allowed.Add(verb);
            }
        }

        return Read.All(allowed.Contains)
            ? string.Join(", ", allowed.Except(Read).Prepend("read"))
            : string.Join(", ", allowed);
    }

    private async Task<bool> MayAsync(TestSpace space, string role, string verb, string group, string resource)
    {
        var parts = resource.Split('/');
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = V1SubjectAccessReview.KubeKind,
            ["spec"] = new JsonObject
            {
                ["user"] = UserOf(space, role),
                ["resourceAttributes"] = new JsonObject
                {
                    ["namespace"] = resource == "spaces" ? "" : space.Name,
                    ["verb"] = verb,
                    ["group"] = group,
                    ["resource"] = parts[0],
                    ["subresource"] = parts.Length > 1 ? parts[1] : "",
                },
            },
        };
        var answer = await platform.Api.SendAsync(
            HttpMethod.Post,
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            review,
            ApiClient.Json,
            ApiClient.Json,
            TestContext.Current.CancellationToken);
        return (bool)answer.Require()["status"]!["allowed"]!;
    }
}
