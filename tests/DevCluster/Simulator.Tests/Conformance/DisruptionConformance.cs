using System.Globalization;
using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>
/// PodDisruptionBudgets with the controllers that count for them, and the evictions that they allow. No node runs the
/// pods: the tests write their status.
/// </summary>
public abstract class DisruptionConformance(IApiUnderTest api) : ApiConformance(api)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private string Core => $"/api/v1/namespaces/{Namespace}";

    private string Pods => $"{Core}/pods";

    private string Apps => $"/apis/apps/v1/namespaces/{Namespace}";

    private string Budgets => $"/apis/policy/v1/namespaces/{Namespace}/poddisruptionbudgets";

    [Theory]
    [InlineData("""{"minAvailable":2}""", 3, 2, 1)]
    [InlineData("""{"minAvailable":3}""", 3, 3, 0)]
    [InlineData("""{"minAvailable":0}""", 3, 0, 3)]
    [InlineData("{}", 0, 0, 0)]
    public async Task Pods_without_a_controller_count_as_they_are(string spec, int expected, int desired, int allowed)
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await CreatePodAsync(name);
        }

        await CreateBudgetAsync("budget", spec);

        await BudgetAsync("budget", (expected, 3, desired, allowed));
    }

    [Theory]
    [InlineData("deployments", """{"maxUnavailable":1}""", 3, 2, 1)]
    [InlineData("deployments", """{"maxUnavailable":"34%"}""", 3, 1, 2)]
    [InlineData("deployments", """{"minAvailable":"50%"}""", 3, 2, 1)]
    [InlineData("replicasets", """{"maxUnavailable":1}""", 3, 2, 1)]
    [InlineData("replicasets", """{"maxUnavailable":5}""", 3, 0, 3)]
    [InlineData("statefulsets", """{"minAvailable":"100%"}""", 3, 3, 0)]
    public async Task A_share_is_of_what_the_controller_is_to_have(
        string plural, string spec, int expected, int desired, int allowed)
    {
        await CreateWorkloadAsync(plural, 3);
        await CreateBudgetAsync("budget", spec);

        await BudgetAsync("budget", (expected, 3, desired, allowed));
    }

    [Fact]
    public async Task The_scale_of_a_replication_controller_counts()
    {
        var owner = await PostAsync(
            $"{Core}/replicationcontrollers",
            """
            {"metadata":{"name":"owner"},"spec":{"replicas":4,"selector":{"app":"a"},
             "template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}]} } } }
            """);
        await CreatePodAsync("a", Owner("v1", "ReplicationController", owner));
        await CreateBudgetAsync("budget", """{"maxUnavailable":1}""");

        await BudgetAsync("budget", (4, 1, 3, 0));
    }

    [Fact]
    public async Task The_scale_of_a_custom_resource_counts()
    {
        var group = $"g{Guid.NewGuid().ToString("N")[..8]}.example";
        var crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        var defined = await PostAsync(
            crds,
            $$$$"""
            {"metadata":{"name":"things.{{{{group}}}}"},"spec":{"group":"{{{{group}}}}","scope":"Namespaced",
             "names":{"plural":"things","singular":"thing","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,
              "subresources":{"scale":{"specReplicasPath":".spec.count","statusReplicasPath":".status.count"}},
              "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{
               "spec":{"type":"object","properties":{"count":{"type":"integer"} } } } } } }]} }
            """);
        Assert.True(defined.Code == 201, defined.Message);
        var things = $"/apis/{group}/v1/namespaces/{Namespace}/things";
        await EventuallyAsync(() => GetAsync(things), reply => reply.Code == 200);
        var owner = await PostAsync(
            things,
            $$$$"""{"apiVersion":"{{{{group}}}}/v1","kind":"Thing","metadata":{"name":"owner"},"spec":{"count":2}}""");
        Assert.True(owner.Code == 201, owner.Message);
        await CreatePodAsync("a", Owner($"{group}/v1", "Thing", owner));
        await CreateBudgetAsync("budget", """{"maxUnavailable":1}""");

        await BudgetAsync("budget", (2, 1, 1, 0));

        // Without the number that its definition names, the scale cannot be read.
        await PatchAsync($"{things}/owner", """{"spec":{"count":null}}""");
        await FailedAsync(
            "Internal error occurred: the spec replicas field \".spec.count\" does not exist");
        await DeleteAsync($"{crds}/things.{group}");
    }

    [Fact]
    public async Task A_controller_without_a_scale_fails_the_budget()
    {
        const string why = "configmaps does not implement the scale subresource";
        var owner = await CreateConfigMapAsync("owner");
        await CreatePodAsync("a", Owner("v1", "ConfigMap", owner));
        await CreateBudgetAsync("budget", """{"maxUnavailable":1}""");

        await FailedAsync(why);
        var refused = await EvictAsync("a");
        Assert.Equal(429, refused.Code);
        Assert.Equal("The disruption budget budget is still being processed by the server.", Cause(refused));

        await SendAsync(
            "PATCH", $"{Budgets}/budget", """{"spec":{"maxUnavailable":null,"minAvailable":1}}""", MergePatch);
        await BudgetAsync("budget", (1, 1, 1, 0));
        await SendAsync(
            "PATCH", $"{Budgets}/budget", """{"spec":{"maxUnavailable":0,"minAvailable":null}}""", MergePatch);
        await FailedAsync(why);
    }

    [Fact]
    public async Task A_dry_run_and_a_failed_precondition_evict_nothing()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await CreatePodAsync(name);
        }

        await CreateBudgetAsync("budget", """{"minAvailable":2}""");
        await BudgetAsync("budget", (3, 3, 2, 1));

        Assert.Equal(201, (await EvictAsync("a", "?dryRun=All")).Code);
        Assert.Equal(201, (await EvictAsync("a", "", """{"dryRun":["All"]}""")).Code);
        var wrong = await EvictAsync("a", "", """{"preconditions":{"uid":"other"}}""");
        Assert.Equal((409, "Conflict"), (wrong.Code, wrong.Reason));
        Assert.Null((await GetAsync($"{Pods}/a")).Text("metadata", "deletionTimestamp"));
    }

    [Fact]
    public async Task An_eviction_uses_the_budget_up()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await CreatePodAsync(name);
        }

        await CreateBudgetAsync("budget", """{"minAvailable":2}""");
        await BudgetAsync("budget", (3, 3, 2, 1));

        Assert.Equal(201, (await EvictAsync("a")).Code);
        var refused = await EvictAsync("b");

        Assert.Equal((429, "TooManyRequests"), (refused.Code, refused.Reason));
        Assert.Equal(404, (await GetAsync($"{Pods}/a")).Code);
        var budget = await BudgetAsync("budget", (2, 2, 2, 0));
        Assert.Null(budget.Body["status"]!["disruptedPods"]);
        refused = await EvictAsync("b");
        Assert.Equal("The disruption budget budget needs 2 healthy pods and has 2 currently", Cause(refused));
    }

    [Fact]
    public async Task An_evicted_pod_that_stays_is_not_healthy_and_is_marked()
    {
        await CreatePodAsync("a", metadata: "\"finalizers\":[\"example.com/kept\"],");
        await CreatePodAsync("b");
        await CreateBudgetAsync("budget", """{"minAvailable":1}""");
        await BudgetAsync("budget", (2, 2, 1, 1));

        Assert.Equal(201, (await EvictAsync("a")).Code);

        await BudgetAsync("budget", (2, 1, 1, 0));
        var target = Assert.Single(
            (await GetAsync($"{Pods}/a")).Body["status"]!["conditions"]!.AsArray(),
            condition => (string?)condition!["type"] == "DisruptionTarget")!;
        Assert.Equal(
            ("True", "EvictionByEvictionAPI", "Eviction API: evicting"),
            ((string?)target["status"], (string?)target["reason"], (string?)target["message"]));
        await PatchAsync($"{Pods}/a", """{"metadata":{"finalizers":null}}""");
    }

    [Fact]
    public async Task A_pod_that_is_about_to_be_deleted_is_not_healthy()
    {
        await CreatePodAsync("a");
        await CreatePodAsync("b");
        await CreateBudgetAsync("budget", """{"minAvailable":1}""");
        await BudgetAsync("budget", (2, 2, 1, 1));

        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        await PatchAsync(
            $"{Budgets}/budget/status",
            $$$$"""{"status":{"disruptedPods":{"a":"{{{{now}}}}","gone":"{{{{now}}}}"}}}""");

        var counted = await BudgetAsync("budget", (2, 1, 1, 0));
        Assert.Equal(["a"], counted.Body["status"]!["disruptedPods"]!.AsObject().Select(pod => pod.Key));
    }

    [Theory]
    [InlineData("AlwaysAllow", 1, 201)]
    [InlineData("AlwaysAllow", 3, 201)]
    [InlineData("IfHealthyBudget", 1, 201)]
    [InlineData("IfHealthyBudget", 2, 429)]
    [InlineData(null, 1, 201)]
    [InlineData(null, 2, 429)]
    public async Task An_unhealthy_pod_goes_by_the_policy(string? policy, int minimum, int code)
    {
        await CreatePodAsync("a");
        await CreatePodAsync("sick", isReady: false);
        var spec = policy is null ? "" : $",\"unhealthyPodEvictionPolicy\":\"{policy}\"";
        await CreateBudgetAsync("budget", $$"""{"minAvailable":{{minimum}}{{spec}}}""");
        await BudgetAsync("budget", (2, 1, minimum, 0));

        Assert.Equal(429, (await EvictAsync("a")).Code);
        Assert.Equal(code, (await EvictAsync("sick")).Code);
    }

    [Fact]
    public async Task Two_budgets_over_one_pod_refuse()
    {
        await CreatePodAsync("a");
        await CreateBudgetAsync("one", """{"minAvailable":0}""");
        await CreateBudgetAsync("two", """{"minAvailable":0}""");
        await BudgetAsync("one", (1, 1, 0, 1));

        var refused = await EvictAsync("a");

        Assert.Equal(
            (500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."),
            (refused.Code, refused.Message));
    }

    [Fact]
    public async Task An_eviction_names_its_pod()
    {
        await CreatePodAsync("a");

        var refused = await PostAsync($"{Pods}/a/eviction", """{"metadata":{"name":"b"}}""");

        Assert.Equal(
            (400, "name in URL does not match name in Eviction object"), (refused.Code, refused.Message));
    }

    private static string Owner(string apiVersion, string kind, ApiReply owner) =>
        $$"""
        {"apiVersion":"{{apiVersion}}","kind":"{{kind}}","name":"owner","uid":"{{owner.Text("metadata", "uid")}}",
         "controller":true}
        """;

    private static string? Cause(ApiReply refusal) =>
        (string?)refusal.Body["details"]!["causes"]![0]!["message"];

    private async Task CreatePodAsync(string name, string owner = "", string metadata = "", bool isReady = true)
    {
        await PostAsync($"{Core}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var created = await PostAsync(
            Pods,
            $$$$"""
            {"metadata":{"name":"{{{{name}}}}",{{{{metadata}}}}"ownerReferences":[{{{{owner}}}}],"labels":{"app":"a"}},
             "spec":{"schedulerName":"nobody","automountServiceAccountToken":false,
              "containers":[{"name":"c","image":"i"}]}}
            """);
        Assert.True(created.Code == 201, created.Message);
        await RunAsync(name, isReady);
    }

    private async Task RunAsync(string pod, bool isReady = true)
    {
        var ready = isReady ? "True" : "False";
        var patched = await PatchAsync(
            $"{Pods}/{pod}/status",
            $$$$"""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"{{{{ready}}}}"}]}}""");
        Assert.True(patched.Code == 200, patched.Message);
    }

    private async Task CreateWorkloadAsync(string plural, int replicas)
    {
        await PostAsync($"{Core}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var more = plural == "statefulsets" ? "\"serviceName\":\"s\",\"podManagementPolicy\":\"Parallel\"," : "";
        var created = await PostAsync(
            $"{Apps}/{plural}",
            $$$$"""
            {"metadata":{"name":"owner"},"spec":{ {{{{more}}}}"replicas":{{{{replicas}}}},
             "selector":{"matchLabels":{"app":"a"}},
             "template":{"metadata":{"labels":{"app":"a"}},"spec":{"schedulerName":"nobody",
              "automountServiceAccountToken":false,"containers":[{"name":"c","image":"i"}]} } } }
            """);
        Assert.True(created.Code == 201, created.Message);
        var pods = await EventuallyAsync(
            () => GetAsync(Pods), reply => reply.Body["items"]!.AsArray().Count == replicas);
        foreach (var pod in pods.Body["items"]!.AsArray())
        {
            await RunAsync((string)pod!["metadata"]!["name"]!);
        }
    }

    private async Task CreateBudgetAsync(string name, string spec)
    {
        var content = JsonNode.Parse(spec)!.AsObject();
        content["selector"] = JsonNode.Parse("""{"matchLabels":{"app":"a"}}""");
        var created = await PostAsync(
            Budgets, $$"""{"metadata":{"name":"{{name}}"},"spec":{{content.ToJsonString()}} }""");
        Assert.True(created.Code == 201, created.Message);
    }

    /// <summary>Waits until the budget's numbers are these; their condition must fit them.</summary>
    private async Task<ApiReply> BudgetAsync(
        string name, (int Expected, int Current, int Desired, int Allowed) numbers)
    {
        var reply = await EventuallyAsync(
            () => TouchAsync(name),
            reply => (Number(reply, "expectedPods"), Number(reply, "currentHealthy"), Number(reply, "desiredHealthy"),
                Number(reply, "disruptionsAllowed")) == numbers
                && reply.Text("status", "observedGeneration") == reply.Text("metadata", "generation"));
        var condition = Condition(reply);
        Assert.Equal(
            (numbers.Allowed > 0 ? "True" : "False", numbers.Allowed > 0 ? "SufficientPods" : "InsufficientPods", "",
                reply.Text("metadata", "generation")),
            ((string?)condition["status"], (string?)condition["reason"], (string?)condition["message"],
                condition["observedGeneration"]?.ToString()));
        return reply;
    }

    private async Task FailedAsync(string why)
    {
        var reply = await EventuallyAsync(
            () => TouchAsync("budget"),
            reply => reply.Body["status"]?["conditions"] is not null
                && (string?)Condition(reply)["reason"] == "SyncFailed");
        Assert.Equal(
            ("False", why, 0),
            ((string?)Condition(reply)["status"], (string?)Condition(reply)["message"],
                Number(reply, "disruptionsAllowed")));
    }

    private static JsonObject Condition(ApiReply budget) => Assert.Single(
        budget.Body["status"]!["conditions"]!.AsArray(),
        condition => (string?)condition!["type"] == "DisruptionAllowed")!.AsObject();

    private static int Number(ApiReply budget, string field) => (int?)budget.Body["status"]?[field] ?? -1;

    /// <summary>Reads the budget; the change of an annotation has its controller look at it again.</summary>
    private Task<ApiReply> TouchAsync(string name) => PatchAsync(
        $"{Budgets}/{name}", $$$$"""{"metadata":{"annotations":{"touched":"{{{{Guid.NewGuid()}}}}"}}}""");

    private static async Task<ApiReply> EventuallyAsync(Func<Task<ApiReply>> ask, Func<ApiReply, bool> isReached)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(Patience);
        while (true)
        {
            var reply = await ask();
            if (isReached(reply))
            {
                return reply;
            }

            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"never reached; last seen: {reply.Body.ToJsonString()}");
            }
        }
    }

    private Task<ApiReply> EvictAsync(string pod, string query = "", string options = "null") => PostAsync(
        $"{Pods}/{pod}/eviction{query}", $$"""{"metadata":{"name":"{{pod}}"},"deleteOptions":{{options}} }""");
}
