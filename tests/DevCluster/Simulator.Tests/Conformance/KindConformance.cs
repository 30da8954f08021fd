namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>What single kinds do beyond the rules that all objects share.</summary>
public abstract class KindConformance(IApiUnderTest api) : ApiConformance(api)
{
    private string Revisions => $"/apis/apps/v1/namespaces/{Namespace}/controllerrevisions";

    [Theory]
    [InlineData("""{"b":1,"a":2}""", StrategicPatch, false)]
    [InlineData("""{"b":1,"a":2}""", MergePatch, true)]
    [InlineData("""{"a":"<"}""", StrategicPatch, false)]
    [InlineData("""{"a":"<"}""", MergePatch, false)]
    [InlineData("""{"a":"\u003c"}""", StrategicPatch, true)]
    [InlineData("""{"a":"\u003C"}""", StrategicPatch, false)]
    [InlineData("""{"a":"\u00e9"}""", StrategicPatch, false)]
    [InlineData("""{"a":2,"b":{"c":1,"d":[]}}""", StrategicPatch, true)]
    public async Task A_revision_takes_a_patch_only_if_its_data_is_spelled_canonically(
        string data, string type, bool isTaken)
    {
        var created = await PostAsync(Revisions, $$"""{"metadata":{"name":"r"},"revision":1,"data":{{data}}}""");
        Assert.Equal(201, created.Code);

        var patched = await PatchAsync($"{Revisions}/r", """{"metadata":{"labels":{"a":"b"}}}""", type);

        Assert.Equal(isTaken ? 200 : 422, patched.Code);
        if (!isTaken)
        {
            Assert.EndsWith(": field is immutable", patched.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_data_of_a_revision_never_changes()
    {
        const string original = """{"metadata":{"name":"r"},"revision":1,"data":{"b":1,"a":2}}""";
        await PostAsync(Revisions, original);

        Assert.Equal(200, (await SendAsync("PUT", $"{Revisions}/r", original)).Code);
        var reordered =
            await SendAsync("PUT", $"{Revisions}/r", """{"metadata":{"name":"r"},"revision":1,"data":{"a":2,"b":1}}""");

        Assert.Equal(
            (422,
                "ControllerRevision.apps \"r\" is invalid: data: Invalid value: {\"a\":2,\"b\":1}: field is immutable"),
            (reordered.Code, reordered.Message));
    }

    [Theory]
    [InlineData(1_048_576, 201)]
    [InlineData(1_048_577, 422)]
    public async Task The_size_of_a_secret_is_that_of_its_decoded_bytes(int size, int code)
    {
        var value = Convert.ToBase64String(new byte[size]);

        Assert.Equal(code, (await PostAsync(
            $"/api/v1/namespaces/{Namespace}/secrets?dryRun=All",
            $$"""{"metadata":{"name":"s"},"data":{"k":"{{value}}"} }""")).Code);
    }

    [Theory]
    [InlineData("1x", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("1GB", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("1K", "unable to parse quantity's suffix")]
    public async Task An_invalid_quantity_is_refused(string quantity, string why)
    {
        var refused = await PostAsync(
            $"/api/v1/namespaces/{Namespace}/resourcequotas",
            $$"""{"metadata":{"name":"q"},"spec":{"hard":{"requests.memory":"{{quantity}}"} } }""");

        Assert.Equal(
            (400, $"ResourceQuota in version \"v1\" cannot be handled as a ResourceQuota: {why}"),
            (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_variable_that_is_set_twice_is_accepted_with_a_warning()
    {
        var created = await PostAsync(
            $"/apis/apps/v1/namespaces/{Namespace}/deployments?dryRun=All",
            """
            {"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
             "spec":{"containers":[{"name":"c","image":"i","env":[{"name":"A","value":"1"},{"name":"A","value":"2"}]}]}}}}
            """);

        Assert.Equal(201, created.Code);
        Assert.Equal(
            "299 - \"spec.template.spec.containers[0].env[1]: hides previous definition of \\\"A\\\", which may be "
            + "dropped when using apply\"",
            Assert.Single(created.Warnings));
    }

    [Fact]
    public async Task Empty_lists_of_rules_are_dropped()
    {
        var created = await PostAsync(
            $"/apis/networking.k8s.io/v1/namespaces/{Namespace}/networkpolicies?dryRun=All",
            """{"metadata":{"name":"n"},"spec":{"podSelector":{},"policyTypes":["Ingress","Egress"],"ingress":[],"egress":[]}}""");

        Assert.Equal("""{"podSelector":{},"policyTypes":["Ingress","Egress"]}""", created.Body["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task A_stateful_set_mounts_its_claims()
    {
        var created = await PostAsync(
            $"/apis/apps/v1/namespaces/{Namespace}/statefulsets?dryRun=All",
            """
            {"metadata":{"name":"s"},"spec":{"serviceName":"s","selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},
              "spec":{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"data","mountPath":"/data"}]}]}},
             "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],
              "resources":{"requests":{"storage":"1Gi"}}}}]}}
            """);

        Assert.Equal(201, created.Code);
    }

    [Fact]
    public async Task Items_of_a_typed_list_leave_their_kind_to_the_list()
    {
        await CreateConfigMapAsync("a");

        var list = (await GetAsync($"{ConfigMaps}?fieldSelector=metadata.name=a")).Body;

        Assert.Equal("ConfigMapList", (string?)list["kind"]);
        Assert.Equal(["metadata"], Assert.Single(list["items"]!.AsArray())!.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task A_resource_version_of_the_future_times_out()
    {
        await CreateConfigMapAsync("a");

        foreach (var path in new[]
        {
            $"{ConfigMaps}/a?resourceVersion=99999999",
            $"{ConfigMaps}?resourceVersion=99999999",
        })
        {
            var reply = await GetAsync(path);
            Assert.Equal((504, "Timeout"), (reply.Code, reply.Reason));
            Assert.StartsWith(
                "Timeout: Too large resource version: 99999999, current: ", reply.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deprecated_versions_warn()
    {
        var reply = await GetAsync($"/api/v1/namespaces/{Namespace}/endpoints");

        Assert.Equal(
            "299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\"",
            Assert.Single(reply.Warnings));
    }

    [Fact]
    public async Task A_map_in_braces_may_be_yaml()
    {
        var created =
            await SendAsync(
                "POST", $"{ConfigMaps}?dryRun=All", "{metadata: {name: a}, data: {k: 'yes'}}", "application/yaml");

        Assert.Equal((201, "yes"), (created.Code, created.Text("data", "k")));
    }

    [Fact]
    public async Task Replication_controllers_exist_for_kubectl_prune()
    {
        var list = await GetAsync($"/api/v1/namespaces/{Namespace}/replicationcontrollers");

        Assert.Equal((200, "ReplicationControllerList"), (list.Code, (string?)list.Body["kind"]));
    }

    [Fact]
    public async Task Budgets_guard_running_pods_that_their_whole_selector_selects()
    {
        var pods = $"/api/v1/namespaces/{Namespace}/pods";
        await CreatePodAsync("running", "a", "Running");
        await CreatePodAsync("other", "b", "Running");
        await CreatePodAsync("pending", "a", "Pending");
        await CreateBudgetAsync("one", """{"matchExpressions":[{"key":"app","operator":"In","values":["a"]}]}""");

        var refused = await EvictAsync("running");
        Assert.Equal(
            (429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."),
            (refused.Code, refused.Reason, refused.Message));
        Assert.Equal((201, 201), ((await EvictAsync("other")).Code, (await EvictAsync("pending")).Code));

        await CreateBudgetAsync("two", "{}");
        var ambiguous = await EvictAsync("running");
        Assert.Equal(
            (500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."),
            (ambiguous.Code, ambiguous.Message));
        Assert.Equal(200, (await GetAsync($"{pods}/running")).Code);
    }

    private async Task CreatePodAsync(string name, string app, string phase)
    {
        var pods = $"/api/v1/namespaces/{Namespace}/pods";
        await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var created = await PostAsync(
            pods,
            $$$"""
            {"metadata":{"name":"{{{name}}}","labels":{"app":"{{{app}}}"}},"spec":{"schedulerName":"nobody",
             "automountServiceAccountToken":false,"containers":[{"name":"c","image":"i"}]}}
            """);
        Assert.Equal(201, created.Code);
        var patched = await PatchAsync($"{pods}/{name}/status", $$$"""{"status":{"phase":"{{{phase}}}"}}""");
        Assert.Equal(200, patched.Code);
    }

    private async Task CreateBudgetAsync(string name, string selector) => Assert.Equal(
        201,
        (await PostAsync(
            $"/apis/policy/v1/namespaces/{Namespace}/poddisruptionbudgets",
            $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"minAvailable":5,"selector":{{{selector}}}}}""")).Code);

    private Task<ApiReply> EvictAsync(string pod) => PostAsync(
        $"/api/v1/namespaces/{Namespace}/pods/{pod}/eviction", $$"""{"metadata":{"name":"{{pod}}"} }""");
}
