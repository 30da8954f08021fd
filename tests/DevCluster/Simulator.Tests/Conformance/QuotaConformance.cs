using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>
/// ResourceQuotas and LimitRanges at admission. The tests write a quota's status, as its controller does.
/// </summary>
public abstract class QuotaConformance(IApiUnderTest api) : ApiConformance(api)
{
    private const string NodePorts = """{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81}]}""";

    private string Pods => $"/api/v1/namespaces/{Namespace}/pods";

    private string Quotas => $"/api/v1/namespaces/{Namespace}/resourcequotas";

    [Theory]
    [InlineData("""{"pods":"1"}""", """{"pods":"1"}""", "pods=1", "pods=1", "pods=1")]
    [InlineData("""{"count/pods":"3"}""", """{"count/pods":"3"}""", "count/pods=1", "count/pods=3", "count/pods=3")]
    [InlineData(
        """{"requests.cpu":"1","limits.memory":"1Gi"}""",
        """{"requests.cpu":"600m","limits.memory":"0"}""",
        "requests.cpu=500m",
        "requests.cpu=600m",
        "requests.cpu=1")]
    [InlineData(
        """{"cpu":"1","memory":"1Gi","limits.cpu":"1500m"}""",
        """{"cpu":"1","memory":"900Mi","limits.cpu":"1"}""",
        "cpu=500m,limits.cpu=1,memory=256Mi",
        "cpu=1,limits.cpu=1,memory=900Mi",
        "cpu=1,limits.cpu=1500m,memory=1Gi")]
    public async Task A_pod_beyond_a_quota_is_refused_with_its_sums(
        string hard, string used, string requested, string inUse, string limited)
    {
        await QuotaAsync("q", hard, used);

        var refused = await RefusedAsync(Pods, Pod("p"));

        Assert.Equal(
            $"pods \"p\" is forbidden: exceeded quota: q, requested: {requested}, used: {inUse}, limited: {limited}",
            refused.Message);
        Assert.Equal((403, "Forbidden"), (refused.Code, refused.Reason));
    }

    [Theory]
    [InlineData("configmaps", """{"configmaps":"0"}""", "configmaps=1", """{"metadata":{"name":"x"}}""")]
    [InlineData("secrets", """{"count/secrets":"0"}""", "count/secrets=1", """{"metadata":{"name":"x"}}""")]
    [InlineData(
        "services",
        """{"services":"0"}""",
        "services=1",
        """{"metadata":{"name":"x"},"spec":{"ports":[{"port":80}]}}""")]
    [InlineData(
        "services",
        """{"services.nodeports":"0"}""",
        "services.nodeports=2",
        $$"""{"metadata":{"name":"x"},"spec":{{NodePorts}}}""")]
    [InlineData(
        "persistentvolumeclaims",
        """{"requests.storage":"0"}""",
        "requests.storage=1Gi",
        """{"metadata":{"name":"x"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""")]
    public async Task Other_kinds_are_counted_too(string plural, string hard, string requested, string content)
    {
        await QuotaAsync("q", hard, hard);

        var refused = await RefusedAsync($"/api/v1/namespaces/{Namespace}/{plural}", content);

        var name = requested.Split('=')[0];
        Assert.Equal(
            $"{plural} \"x\" is forbidden: exceeded quota: q, requested: {requested}, used: {name}=0, limited: {name}=0",
            refused.Message);
    }

    [Fact]
    public async Task A_quota_of_compute_resources_makes_every_container_say_what_it_needs()
    {
        await QuotaAsync(
            "q", """{"limits.cpu":"1","requests.memory":"1Gi"}""", """{"limits.cpu":"0","requests.memory":"0"}""");

        var refused = await RefusedAsync(Pods, Pod("p", ""));

        Assert.Equal(
            "pods \"p\" is forbidden: failed quota: q: must specify limits.cpu for: c; requests.memory for: c",
            refused.Message);
    }

    [Fact]
    public async Task A_quota_that_nobody_has_counted_lets_nothing_pass()
    {
        await QuotaAsync("q", """{"pods":"1"}""", "{}");

        var refused = await RefusedAsync(Pods, Pod("p"));

        Assert.Equal(
            "pods \"p\" is forbidden: status unknown for quota: q, resources: pods", refused.Message);
    }

    [Theory]
    [InlineData("""["BestEffort"]""", 201)]
    [InlineData("""["NotBestEffort"]""", 403)]
    [InlineData("""["Terminating"]""", 201)]
    [InlineData("""["NotTerminating"]""", 403)]
    public async Task A_quota_with_scopes_counts_the_pods_in_them(string scopes, int code)
    {
        await QuotaAsync("all", """{"count/pods":"0"}""", """{"count/pods":"0"}""");
        await RefusedAsync(Pods, Pod("p"));
        await DeleteAsync($"{Quotas}/all");
        await QuotaAsync("q", """{"pods":"0"}""", """{"pods":"0"}""", $$""","scopes":{{scopes}}""");
        await QuotaAsync("z", """{"configmaps":"0"}""", """{"configmaps":"0"}""");
        await RefusedAsync(ConfigMaps, """{"metadata":{"name":"x"}}""");

        Assert.Equal(code, (await PostAsync($"{Pods}?dryRun=All", Pod("p"))).Code);
    }

    [Fact]
    public async Task What_is_admitted_counts_at_once()
    {
        await QuotaAsync(
            "q",
            """{"pods":"2","requests.cpu":"2","configmaps":"0"}""",
            """{"pods":"0","requests.cpu":"0","configmaps":"0"}""");
        await RefusedAsync(ConfigMaps, """{"metadata":{"name":"x"}}""");

        await PostAsync($"{Pods}?dryRun=All", Pod("tried"));
        var created = await PostAsync(Pods, Pod("a"));
        var used = (await GetAsync($"{Quotas}/q")).Body["status"]!["used"]!;

        Assert.Equal(201, created.Code);
        Assert.Equal(("1", "500m"), ((string?)used["pods"], (string?)used["requests.cpu"]));
    }

    [Fact]
    public async Task A_limit_range_fills_in_what_containers_leave_out()
    {
        await LimitAsync(
            """{"type":"Container","default":{"cpu":"500m","memory":"1Gi"},"defaultRequest":{"cpu":"100m"},"max":{"cpu":"1"}}""");
        await RefusedAsync(Pods, Pod("probe", """{"limits":{"cpu":"2"}}"""));

        var pod = (await PostAsync($"{Pods}?dryRun=All", Pod("p", """{"limits":{"memory":"2Gi"}}"""))).Body;

        Assert.Equal(
            """{"limits":{"cpu":"500m","memory":"2Gi"},"requests":{"cpu":"100m","memory":"2Gi"}}""",
            Sorted(pod["spec"]!["containers"]![0]!["resources"]!));
        Assert.Equal(
            "LimitRanger plugin set: cpu request for container c; cpu limit for container c",
            (string?)pod["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]);
        Assert.Equal("Burstable", (string?)pod["status"]!["qosClass"]);
    }

    [Theory]
    [InlineData(
        """{"type":"Container","max":{"cpu":"500m"}}""", "maximum cpu usage per Container is 500m, but limit is 1")]
    [InlineData(
        """{"type":"Container","min":{"cpu":"750m"}}""",
        "minimum cpu usage per Container is 750m, but request is 500m")]
    [InlineData(
        """{"type":"Pod","min":{"ephemeral-storage":"1Gi"}}""",
        "minimum ephemeral-storage usage per Pod is 1Gi.  No request is specified")]
    [InlineData(
        """{"type":"Pod","max":{"memory":"200Mi"}}""", "maximum memory usage per Pod is 200Mi, but limit is 256Mi")]
    [InlineData(
        """{"type":"Container","maxLimitRequestRatio":{"cpu":"1"}}""",
        "cpu max limit to request ratio per Container is 1, but provided ratio is 2.000000")]
    public async Task A_pod_beyond_a_limit_range_is_refused(string limit, string problem)
    {
        await LimitAsync(limit);

        var refused = await RefusedAsync(Pods, Pod("p"));

        Assert.Equal($"pods \"p\" is forbidden: {problem}", refused.Message);
    }

    [Fact]
    public async Task A_claim_beyond_a_limit_range_is_refused()
    {
        await LimitAsync("""{"type":"PersistentVolumeClaim","max":{"storage":"1Gi"}}""");

        var refused = await RefusedAsync(
            $"/api/v1/namespaces/{Namespace}/persistentvolumeclaims",
            """{"metadata":{"name":"x"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"2Gi"}}}}""");

        Assert.Equal(
            "persistentvolumeclaims \"x\" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but "
            + "request is 2Gi",
            refused.Message);
    }

    private static string Pod(
        string name,
        string resources = """{"requests":{"cpu":"500m"},"limits":{"cpu":"1","memory":"256Mi"}}""") =>
        $$"""
        {"metadata":{"name":"{{name}}"},"spec":{"automountServiceAccountToken":false,
         "containers":[{"name":"c","image":"i"{{(resources.Length > 0 ? ",\"resources\":" + resources : "")}} }]} }
        """;

    private static string Sorted(JsonNode node) => node is JsonObject map
        ? $"{{{string.Join(',', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"\"{pair.Key}\":{Sorted(pair.Value!)}"))}}}"
        : node.ToJsonString();

    private async Task QuotaAsync(string name, string hard, string used, string more = "")
    {
        await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var created = await PostAsync(
            Quotas, $$"""{"metadata":{"name":"{{name}}"},"spec":{"hard":{{hard}}{{more}}} }""");
        Assert.True(created.Code == 201, created.Message);
        var counted = await PatchAsync(
            $"{Quotas}/{name}/status", $$"""{"status":{"hard":{{hard}},"used":{{used}}} }""");
        Assert.True(counted.Code == 200, counted.Message);
    }

    private async Task LimitAsync(string limit)
    {
        await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var created = await PostAsync(
            $"/api/v1/namespaces/{Namespace}/limitranges",
            $$"""{"metadata":{"name":"l"},"spec":{"limits":[{{limit}}]} }""");
        Assert.True(created.Code == 201, created.Message);
    }

    /// <summary>The refusal; a real server learns of a quota or limit range a moment after it is there.</summary>
    private async Task<ApiReply> RefusedAsync(string path, string content)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            var reply = await PostAsync($"{path}?dryRun=All", content);
            if (reply.Code == 403)
            {
                return reply;
            }

            Assert.True(reply.Code == 201, reply.Message);
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }
}
