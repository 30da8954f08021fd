using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>Authentication, RBAC, impersonation, reviews.</summary>
public abstract class AccessConformance(IApiUnderTest api) : ApiConformance(api)
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    private readonly string _user = "user-" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task Nobody_may_do_nothing()
    {
        var reply = await AsAsync(_user, "GET", ConfigMaps);

        Assert.Equal((403, "Forbidden"), (reply.Code, reply.Reason));
        Assert.Equal(
            $"configmaps is forbidden: User \"{_user}\" cannot list resource \"configmaps\" in API group \"\" in the "
            + $"namespace \"{Namespace}\"",
            reply.Message);
        Assert.Equal("configmaps", reply.Text("details", "kind"));
    }

    [Fact]
    public async Task A_subresource_is_named_in_the_refusal()
    {
        var reply = await AsAsync(_user, "GET", $"/api/v1/namespaces/{Namespace}/pods/p/log");

        Assert.Equal(
            $"pods \"p\" is forbidden: User \"{_user}\" cannot get resource \"pods/log\" in API group \"\" in the "
            + $"namespace \"{Namespace}\"",
            reply.Message);
    }

    [Fact]
    public async Task A_path_is_named_in_the_refusal()
    {
        var reply = await AsAsync(_user, "GET", "/metrics");

        Assert.Equal((403, $"forbidden: User \"{_user}\" cannot get path \"/metrics\""), (reply.Code, reply.Message));
        Assert.Equal(200, (await AsAsync(_user, "GET", "/apis")).Code);
    }

    [Fact]
    public async Task A_role_grants_what_it_says_in_its_namespace()
    {
        await GrantAsync(
            """[{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["mine"],"verbs":["get"]},{"apiGroups":[""],"resources":["configmaps"],"verbs":["list"]}]""");
        await CreateConfigMapAsync("mine");

        Assert.Equal(200, (await AsAsync(_user, "GET", $"{ConfigMaps}/mine")).Code);
        Assert.Equal(403, (await AsAsync(_user, "GET", $"{ConfigMaps}/other")).Code);
        Assert.Equal(200, (await AsAsync(_user, "GET", ConfigMaps)).Code);
        Assert.Equal(403, (await AsAsync(_user, "GET", "/api/v1/configmaps")).Code);
        Assert.Equal(403, (await AsAsync(_user, "DELETE", $"{ConfigMaps}/mine")).Code);
    }

    [Fact]
    public async Task The_view_role_reads_but_not_secrets()
    {
        await PostAsync(
            $"{Rbac}/namespaces/{Namespace}/rolebindings",
            $$"""{"metadata":{"name":"v"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"system:aggregate-to-view"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"{{_user}}"}]}""");

        await EventuallyAllowedAsync(ConfigMaps);
        Assert.Equal(403, (await AsAsync(_user, "GET", $"/api/v1/namespaces/{Namespace}/secrets")).Code);
        Assert.Equal(403, (await AsAsync(_user, "POST", ConfigMaps, """{"metadata":{"name":"x"}}""")).Code);
    }

    [Fact]
    public async Task Nobody_grants_what_they_do_not_hold()
    {
        await GrantAsync(
            """[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["create"]},{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]""");
        await EventuallyAsync(
            async () =>
                (await AsAsync(
                    _user, "POST", $"{Rbac}/namespaces/{Namespace}/roles", Role("held", "pods"))).Code == 201);

        var reply = await AsAsync(_user, "POST", $"{Rbac}/namespaces/{Namespace}/roles", Role("more", "secrets"));

        Assert.Equal((403, "Forbidden"), (reply.Code, reply.Reason));
        Assert.Equal(
            $"roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"{_user}\" "
            + $"(groups=[\"system:authenticated\"]) is attempting to grant RBAC "
            + "permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}",
            reply.Message);
    }

    [Fact]
    public async Task An_apply_that_creates_needs_the_right_to_create()
    {
        await GrantAsync("""[{"apiGroups":[""],"resources":["configmaps"],"verbs":["list","patch"]}]""");
        await CreateConfigMapAsync("there");

        var changed = await ApplyAsync("there");
        var created = await ApplyAsync("missing");

        Assert.Equal(200, changed.Code);
        Assert.Equal((403, "Forbidden"), (created.Code, created.Reason));
        Assert.Equal(
            $"configmaps \"missing\" is forbidden: User \"{_user}\" cannot create resource \"configmaps\" in API "
            + $"group \"\" in the namespace \"{Namespace}\"",
            created.Message);
    }

    [Fact]
    public async Task Reviews_answer_for_oneself_and_for_others()
    {
        await GrantAsync("""[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get"]}]""");
        await EventuallyAsync(
            async () => (await ReviewAsync("get", "deployments")).Text("status", "allowed") == "true");

        Assert.Equal("false", (await ReviewAsync("delete", "deployments")).Text("status", "allowed"));
        var rules = await PostAsync(
            "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", $$"""{"spec":{"namespace":"{{Namespace}}" } }""");
        Assert.Contains(rules.Body["status"]!["resourceRules"]!.AsArray(), rule => (string?)rule!["verbs"]![0] == "*");
        var self = await PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}");
        Assert.Contains(
            "system:masters", self.Body["status"]!["userInfo"]!["groups"]!.AsArray().Select(group => (string)group!));
    }

    [Fact]
    public async Task A_service_accounts_token_signs_in()
    {
        await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        var token = await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts/robot/token", "{}");
        Assert.Equal(201, token.Code);

        var reply = await WithTokenAsync(token.Text("status", "token")!, ConfigMaps);

        Assert.Equal(403, reply.Code);
        Assert.Contains(
            $"User \"system:serviceaccount:{Namespace}:robot\" cannot list", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_bound_to_a_pod_says_its_node_and_ends_with_it()
    {
        var uid = await CreatePodAsync();

        var token = await BindAsync($$"""{"apiVersion":"v1","kind":"Pod","name":"p","uid":"{{uid}}"}""");

        Assert.Equal(uid, token.Text("spec", "boundObjectRef", "uid"));
        var self = await WhoAsync(token.Text("status", "token")!);
        var extra = self.Body["status"]!["userInfo"]!["extra"]!;
        Assert.Equal("""["p"]""", extra["authentication.kubernetes.io/pod-name"]!.ToJsonString());
        Assert.Equal($"""["{uid}"]""", extra["authentication.kubernetes.io/pod-uid"]!.ToJsonString());
        Assert.Equal("""["no-such-node"]""", extra["authentication.kubernetes.io/node-name"]!.ToJsonString());
        Assert.Null(extra["authentication.kubernetes.io/node-uid"]);

        await DeleteAsync($"/api/v1/namespaces/{Namespace}/pods/p?gracePeriodSeconds=0");
        // A real server remembers for ten seconds whom it let in.
        await EventuallyAsync(
            async () => (await WhoAsync(token.Text("status", "token")!)).Code == 401, attempts: 600);
    }

    [Fact]
    public async Task A_token_that_is_bound_to_nothing_says_no_node()
    {
        await CreatePodAsync();

        var token = await BindAsync(null);

        var extra = (await WhoAsync(token.Text("status", "token")!)).Body["status"]!["userInfo"]!["extra"]!;
        Assert.Equal(
            ["authentication.kubernetes.io/credential-id"], extra.AsObject().Select(property => property.Key));
    }

    [Theory]
    [InlineData("Pod", "p", "other", 409, "Operation cannot be fulfilled on Pod \"p\": the UID in the bound object reference (other) does not match the UID in record. The object might have been deleted and then recreated")]
    [InlineData("Pod", "missing", "", 404, "pods \"missing\" not found")]
    [InlineData("Secret", "missing", "", 404, "secrets \"missing\" not found")]
    [InlineData("Node", "missing", "", 404, "nodes \"missing\" not found")]
    [InlineData("Service", "p", "", 400, "cannot bind token to object of type /v1, Kind=Service")]
    public async Task A_token_is_bound_to_what_there_is(string kind, string name, string uid, int code, string message)
    {
        await CreatePodAsync();

        var reply = await BindAsync($$"""{"apiVersion":"v1","kind":"{{kind}}","name":"{{name}}","uid":"{{uid}}"}""");

        Assert.Equal((code, message), (reply.Code, reply.Message));
    }

    [Fact]
    public async Task A_token_is_not_bound_to_a_pod_of_another_account()
    {
        await CreatePodAsync();
        await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"other"}}""");

        var reply = await BindAsync("""{"apiVersion":"v1","kind":"Pod","name":"p"}""", "other");

        Assert.Equal(
            (400, "cannot bind token for serviceaccount \"other\" to pod running with different serviceaccount name."),
            (reply.Code, reply.Message));
    }

    [Fact]
    public async Task A_wrong_token_is_unauthorized()
    {
        var reply = await WithTokenAsync("nonsense", ConfigMaps);

        Assert.Equal((401, "Unauthorized", "Unauthorized"), (reply.Code, reply.Reason, reply.Message));
    }

    private static string Role(string name, string resource) =>
        $$"""{"metadata":{"name":"{{name}}"},"rules":[{"apiGroups":[""],"resources":["{{resource}}"],"verbs":["get"]}]}""";

    private Task<ApiReply> ReviewAsync(string verb, string resource) => PostAsync(
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        $$"""{"spec":{"user":"{{_user}}","resourceAttributes":{"namespace":"{{Namespace}}","verb":"{{verb}}","group":"apps","resource":"{{resource}}" } } }""");

    private async Task GrantAsync(string rules)
    {
        var role =
            await PostAsync(
                $"{Rbac}/namespaces/{Namespace}/roles", $$"""{"metadata":{"name":"r"},"rules":{{rules}}}""");
        Assert.Equal(201, role.Code);
        var binding = await PostAsync(
            $"{Rbac}/namespaces/{Namespace}/rolebindings",
            $$"""{"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"{{_user}}"}]}""");
        Assert.Equal(201, binding.Code);
        if (rules.Contains("list", StringComparison.Ordinal))
        {
            await EventuallyAllowedAsync(ConfigMaps);
        }
    }

    private Task EventuallyAllowedAsync(string path) =>
        EventuallyAsync(async () => (await AsAsync(_user, "GET", path)).Code == 200);

    /// <summary>A pod of the account robot, on a node that does not exist.</summary>
    /// <returns>Its uid.</returns>
    private async Task<string> CreatePodAsync()
    {
        await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        var pod = await PostAsync(
            $"/api/v1/namespaces/{Namespace}/pods",
            """{"metadata":{"name":"p"},"spec":{"serviceAccountName":"robot","nodeName":"no-such-node","containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal(201, pod.Code);
        return pod.Text("metadata", "uid")!;
    }

    private Task<ApiReply> BindAsync(string? reference, string account = "robot") => PostAsync(
        $"/api/v1/namespaces/{Namespace}/serviceaccounts/{account}/token",
        reference is null ? "{}" : $$"""{"spec":{"boundObjectRef":{{reference}} } }""");

    private async Task<ApiReply> WhoAsync(string token)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        return await ReadAsync(request);
    }

    // A real server's authorizer learns of roles by watching, a moment after they are written.
    private static async Task EventuallyAsync(Func<Task<bool>> condition, int attempts = 100)
    {
        for (var attempt = 0; !await condition(); attempt++)
        {
            Assert.True(attempt < attempts, "it never took effect");
            await Task.Delay(50, Cancelled);
        }
    }

    private async Task<ApiReply> AsAsync(string user, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Impersonate-User", user);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return await ReadAsync(request);
    }

    private async Task<ApiReply> ApplyAsync(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{ConfigMaps}/{name}?fieldManager=tests");
        request.Headers.Add("Impersonate-User", _user);
        request.Content = new StringContent(
            $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"a":"b"} }""",
            Encoding.UTF8,
            "application/apply-patch+yaml");
        return await ReadAsync(request);
    }

    private async Task<ApiReply> WithTokenAsync(string token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await ReadAsync(request);
    }

    private async Task<ApiReply> ReadAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request, Cancelled);
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        return new ApiReply((int)response.StatusCode, JsonNode.Parse(body)!.AsObject(), []);
    }
}
