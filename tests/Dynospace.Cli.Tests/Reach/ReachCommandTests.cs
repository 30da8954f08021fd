using System.Text.Json.Nodes;
using Xunit;

namespace Dynospace.Cli.Tests.Reach;

public sealed class ReachCommandTests : IDisposable
{
    private readonly TestEnvironment _environment = new();

    public static TheoryData<string, string, bool> Questions => SampleQuestions.All;

    private static string Samples => RepositoryFolder.Combine("samples");

    public void Dispose() => _environment.Dispose();

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task The_samples_are_isolated_as_they_say(string source, string target, bool isReached)
    {
        Assert.Equal(isReached ? 0 : 2, await AskAsync(source, target));
        Assert.Matches(isReached ? "^(yes|in part): " : "^no: ", _environment.Out.ToString());
    }

    [Theory]
    [InlineData("hello.web.1", "internet", "yes: ", "allowed: egress by playground/internet rule 0")]
    [InlineData(
        "shop.web.1",
        "internet",
        "in part: acme-prod/shop.web.1 reaches some of the internet",
        "closed for all of IPv6: denied")]
    [InlineData("internet", "playground/hello.web.1", "no: ", "denied by ingress")]
    [InlineData(
        "internet",
        "router",
        "yes: the internet reaches the shared router on TCP 8443",
        "ingress by dynospace-system/router-public rule 0",
        "-n",
        "playground")]
    [InlineData(
        "internet", "router:443", "no: ", "router-public-acme-prod ingress[0] is for other peers", "-n", "acme-prod")]
    [InlineData(
        "198.51.100.7",
        "router:443",
        "yes: ",
        "ingress by dynospace-system/router-public-acme-prod",
        "-n",
        "acme-prod")]
    public async Task The_internet_is_all_public_addresses_and_a_router_can_be_asked_for(
        string source, string target, string answer, string why, params string[] more)
    {
        await AskAsync(source, target, more);
        Assert.StartsWith(answer, _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains(why, _environment.Out.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, string[]> Callers => new()
    {
        { "vault", "yes", "serves dynos of caller, which count as its outbound IPs 203.0.113.10", ["203.0.113.10/32"] },
        { "vault", "no", "refuses dynos of caller, which count as its outbound IPs 203.0.113.10", ["10.0.0.0/8"] },
        { "common", "no", "refuses dynos of common, which count as the internet", ["203.0.113.0/24", "10.0.0.0/8"] },
        { "common", "yes", "serves dynos of common, which count as the internet", ["0.0.0.0/0"] },
    };

    /// <summary>Policies let dynos of all spaces to a public router, and it decides.</summary>
    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_router_judges_dynos_by_the_outbound_IPs_of_their_space(
        string caller, string answer, string why, string[] trusted)
    {
        var ranges = string.Join(", ", trusted.Select(range => $"'{range}'"));
        _environment.Write("m.yaml", $$"""
            {apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: vault},
             spec: {runtime: Private, region: oregon, trustedIPRanges: [ {{ranges}} ] } }
            ---
            {apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: caller},
             spec: {runtime: Private, region: oregon, outboundIPs: [203.0.113.10]} }
            ---
            {apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: common},
             spec: {runtime: Common, region: oregon} }
            ---
            {apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {name: shop, namespace: caller},
             spec: {image: 'registry.example/shop:1', processes: [{type: web}]} }
            ---
            {apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {name: shop, namespace: common},
             spec: {image: 'registry.example/shop:1', processes: [{type: web}]} }
            """);
        var space = caller == "vault" ? "caller" : caller;

        Assert.Equal(
            answer == "yes" ? 0 : 2,
            await _environment.RunAsync("reach", "-f", "m.yaml", $"{space}/shop.web.1", "router", "-n", "vault"));

        var text = _environment.Out.ToString();
        Assert.StartsWith($"{answer}: ", text, StringComparison.Ordinal);
        Assert.Contains($"the router of vault {why}", text, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> RoutersAndCallers => new()
    {
        { "caller/shop.web.1", "10.96.7.7:443", "refuses dynos of caller, which count as the internet" },
        { "caller/shop.web.1", "192.0.2.80:443", "refuses dynos of caller, which count as the internet" },
        { "caller/shop.web.1", "192.168.77.2:30443", "refuses dynos of caller, which count as the internet" },
        { "caller/shop.web.1", "pod/dynospace-system/router-public-vault-x:8443", "refuses dynos of caller" },
        { "caller/shop.web.1", "10.244.9.9:8443", "refuses dynos of caller" },
        { "node/n1", "10.244.9.9:8443", "refuses nodes, which count as the internet" },
        { "192.168.77.2", "router", "refuses nodes, which count as the internet" },
        { "node/n1", "router", "refuses nodes, which count as the internet" },
        { "pod/default/stranger", "router", "" },
        { "10.244.200.1", "router", "" },
    };

    /// <summary>A router judges what reaches it, however its address is written and whatever calls.</summary>
    [Theory]
    [MemberData(nameof(RoutersAndCallers))]
    public async Task A_router_judges_callers_however_it_is_written(string source, string target, string why)
    {
        _environment.Write("m.yaml", """
            {apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: vault},
             spec: {runtime: Private, region: oregon, trustedIPRanges: [198.51.100.0/24, 10.244.0.0/16, 192.168.0.0/16] } }
            ---
            {apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: caller}, spec: {runtime: Common, region: oregon} }
            ---
            {apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {name: shop, namespace: caller},
             spec: {image: 'registry.example/shop:1', processes: [{type: web}]} }
            ---
            {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.244.0.0/16, podCIDRs: [10.244.0.0/16]},
             status: {addresses: [{type: InternalIP, address: 192.168.77.2}]} }
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: default} }
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: stranger, namespace: default}, spec: {nodeName: n1, containers: [{name: c}]},
             status: {podIP: 10.244.9.1, podIPs: [{ip: 10.244.9.1}]} }
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: router-public-vault-x, namespace: dynospace-system,
              labels: {app.kubernetes.io/managed-by: dynospace, app.kubernetes.io/name: router-public-vault, dynospace.dev/component: router-public,
                dynospace.dev/space: vault, dynospace.dev/callers: judged} },
             spec: {nodeName: n1, containers: [{name: router}]}, status: {podIP: 10.244.9.9, podIPs: [{ip: 10.244.9.9}]} }
            ---
            {apiVersion: v1, kind: Service, metadata: {name: by-hand, namespace: dynospace-system},
             spec: {type: LoadBalancer, clusterIP: 10.96.7.7, clusterIPs: [10.96.7.7], selector: {dynospace.dev/space: vault},
               ports: [{name: https, port: 443, targetPort: 8443, nodePort: 30443}]},
             status: {loadBalancer: {ingress: [{ip: 192.0.2.80}]}} }
            """);

        Assert.Equal(2, await _environment.RunAsync("reach", "-f", "m.yaml", source, target, "-n", "vault"));

        Assert.StartsWith("no: ", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains(why, _environment.Out.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A range is judged as a whole, not by its first address.</summary>
    [Fact]
    public async Task The_answer_names_the_part_of_a_network_that_differs()
    {
        _environment.Write("m.yaml", """
            {apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: vault},
             spec: {runtime: Private, region: oregon, peerNetworks: [{name: hq, via: VPN, cidrs: [10.0.0.0/8]}]}}
            ---
            {apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {name: shop, namespace: vault},
             spec: {image: 'registry.example/shop:1', processes: [{type: web}]}}
            """);

        Assert.Equal(0, await _environment.RunAsync(
            "reach",
            "-f",
            "m.yaml",
            "vault/shop.web.1",
            "peer/hq:22",
            "--operator-option",
            "clusterRanges=10.5.0.0/16"));

        var text = _environment.Out.ToString();
        Assert.StartsWith("in part: vault/shop.web.1 reaches some of peer network hq", text, StringComparison.Ordinal);
        Assert.Contains("closed for 10.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "ports: [{containerPort: '80'}]", "spec.containers[0].ports[0].containerPort: a value of the wrong type")]
    [InlineData("imagePullpolicy: Always", "spec.containers[0].imagePullpolicy: unknown field")]
    [InlineData(
        "livenessProbe: {tcpSocket: {port: web}, periodSecond: 1}",
        "spec.containers[0].livenessProbe.periodSecond: unknown field")]
    public async Task What_the_API_server_refuses_of_a_built_in_kind_is_refused(string field, string problem)
    {
        _environment.Write(
            "m.yaml",
            $"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: [{{name: c, image: i, "
            + $"{field}}}]}}}}");
        Assert.Equal(1, await _environment.RunAsync("reach", "-f", "m.yaml", "pod/default/p", "8.8.8.8:53"));
        Assert.Contains($"m.yaml: Pod default/p: {problem}", _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{labels: {'a b': c}}", "metadata.labels: 'a b'")]
    [InlineData("{labels: {a: 'c d'}}", "metadata.labels.a: 'c d'")]
    [InlineData("{labels: {a: 1}}", "metadata.labels.a: 1 is not text")]
    [InlineData("{annotations: {'/x': c}}", "metadata.annotations: '/x'")]
    public async Task Labels_that_the_API_server_refuses_are_refused(string metadata, string problem)
    {
        _environment.Write(
            "m.yaml",
            $"{{apiVersion: v1, kind: Pod, metadata: {{name: p, {metadata[1..]}, spec: {{containers: [{{name: c, "
            + $"image: i}}]}}}}");
        Assert.Equal(1, await _environment.RunAsync("reach", "-f", "m.yaml", "pod/default/p", "8.8.8.8:53"));
        Assert.Contains(problem, _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quantities_and_ports_in_either_form_pass()
    {
        _environment.Write("m.yaml", """
            apiVersion: v1
            kind: Pod
            metadata: {name: p, creationTimestamp: null, labels: {"example.com/a": ""}}
            spec:
              containers:
              - {name: c, image: i, resources: {limits: {cpu: 1, memory: 1Gi}}, readinessProbe: {httpGet: {port: web}}, livenessProbe: {httpGet: {port: 80}}}
            """);
        Assert.Equal(0, await _environment.RunAsync("reach", "-f", "m.yaml", "pod/default/p", "8.8.8.8:53"));
        Assert.Equal("", _environment.Error.ToString());
    }

    /// <summary>
    /// One range of the world is enough to be exposed, whatever the first address that comes to mind says.
    /// </summary>
    [Fact]
    public async Task The_part_of_the_internet_that_differs_is_named()
    {
        _environment.Write("m.yaml", """
            apiVersion: dynospace.dev/v1alpha1
            kind: Space
            metadata: {name: acme}
            spec: {runtime: Private, region: oregon, trustedIPRanges: [8.8.8.0/24, "2600::/16"]}
            """);
        Assert.Equal(0, await _environment.RunAsync("reach", "-f", "m.yaml", "internet", "router", "-n", "acme"));
        var answer = _environment.Out.ToString();
        Assert.StartsWith(
            "in part: some of the internet reaches the public router of acme", answer, StringComparison.Ordinal);
        Assert.Contains("open for 8.8.8.0/24 and 2600::/16: allowed", answer, StringComparison.Ordinal);
        Assert.Contains(
            "closed for IPv4 without 8.8.8.0/24 and IPv6 without 2600::/16: denied", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_names_policy_and_rule()
    {
        Assert.Equal(0, await AskAsync("shop.web.1", "warehouse"));
        Assert.Contains(
            "egress by acme-prod/data-services rule 0", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await AskAsync("shop.web.1", "internet:80"));
        Assert.Contains(
            "acme-prod/internet egress[0] admits this peer on TCP 443 only",
            _environment.Out.ToString(),
            StringComparison.Ordinal);
    }

    /// <summary>A balancer may send a web dyno back to itself, which no policy sees.</summary>
    [Fact]
    public async Task A_Service_of_which_some_dynos_are_reached_is_reached_in_part()
    {
        Assert.Equal(0, await AskAsync("hello.web.1", "hello"));
        Assert.StartsWith("in part: ", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("hello-web-2-", _environment.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_tells_the_same_for_programs()
    {
        Assert.Equal(2, await AskAsync("hello.web.1", "hello.web.2", "-o", "json"));
        var answer = JsonNode.Parse(_environment.Out.ToString())!;
        Assert.False((bool)answer["reachable"]!);
        Assert.Equal(5000, (int)answer["port"]!);
        Assert.Equal("NoRuleAdmits", (string?)answer["egress"]!["basis"]);
        Assert.Contains(
            "playground/default-deny", answer["ingress"]!["policies"]!.AsArray().Select(policy => (string?)policy));
    }

    [Theory]
    [InlineData("nobody.web.1", "shop", "'nobody.web.1' is not a dyno")]
    [InlineData("rival/shop.web.1", "shop", "there is no Space rival")]
    [InlineData("shop", "shop.web.1", "opens no connections")]
    [InlineData("shop.web.1:80", "shop", "leave out 80")]
    [InlineData("shop.web.1", "shop.worker.1", "name one, such as shop.worker.1:5432")]
    [InlineData("shop.web.1", "peer/home:22", "it has hq")]
    [InlineData("shop.web.1", "node/n1:22", "there is no Node n1")]
    [InlineData("pod/default/x", "shop", "namespace default has no pod x")]
    [InlineData("internet", "internet", "name a dyno")]
    public async Task What_cannot_be_answered_is_one_line_with_a_remedy(string source, string target, string part)
    {
        Assert.Equal(1, await AskAsync(source, target));
        Assert.Contains(part, _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', _environment.Error.ToString().TrimEnd());
        Assert.Empty(_environment.Out.ToString());
    }

    [Fact]
    public async Task A_name_of_several_spaces_needs_its_space()
    {
        _environment.Write("a.yaml", Space("acme") + App("acme") + Space("rival") + App("rival"));
        Assert.Equal(1, await _environment.RunAsync("reach", "-f", "a.yaml", "internet", "shop.web.1"));
        Assert.Contains("acme/shop.web.1 or rival/shop.web.1", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await _environment.RunAsync("reach", "-f", "a.yaml", "-n", "rival", "internet", "shop.web.1"));
        Assert.Contains("rival/shop.web.1", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await _environment.RunAsync("reach", "-f", "a.yaml", "rival/shop.web.1", "acme/shop.web.1"));
    }

    [Fact]
    public async Task Pods_and_policies_of_others_among_the_manifests_count()
    {
        _environment.Write("a.yaml", Space("acme") + App("acme") + """
            {apiVersion: v1, kind: Pod, metadata: {name: probe, namespace: default, labels: {app: probe}}, spec: {containers: [{name: a, image: a}]}}
            ---

            """);
        Assert.Equal(2, await _environment.RunAsync("reach", "-f", "a.yaml", "pod/default/probe", "shop.web.1"));
        _environment.Write("b.yaml", """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: hole, namespace: acme}
            spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}}]}]}
            """);
        Assert.Equal(
            0, await _environment.RunAsync("reach", "-f", "a.yaml", "-f", "b.yaml", "pod/default/probe", "shop.web.1"));
        Assert.Contains("acme/hole rule 0", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("ForeignPolicies", _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_service_whose_pods_do_not_run_is_judged_by_its_selector()
    {
        _environment.Write("a.yaml", """
            apiVersion: dynospace.dev/v1alpha1
            kind: Space
            metadata: {name: acme}
            spec:
              runtime: Shield
              region: oregon
              dataServices: [{name: orders-db, podSelector: {matchLabels: {app: orders-db}}, ports: [5432]}]
            ---

            """ + App("acme"));
        Assert.Equal(0, await _environment.RunAsync("reach", "-f", "a.yaml", "shop.web.1", "orders-db"));
        Assert.Contains("no such pod runs", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await _environment.RunAsync("reach", "-f", "a.yaml", "orders-db", "shop.web.1"));
        Assert.Equal(2, await _environment.RunAsync("reach", "-f", "a.yaml", "router", "orders-db"));
    }

    [Fact]
    public async Task Manifests_that_cannot_be_applied_get_no_answer()
    {
        _environment.Write("a.yaml", App("acme"));
        Assert.Equal(1, await _environment.RunAsync("reach", "-f", "a.yaml", "internet", "shop.web.1"));
        Assert.Contains("SpaceNotFound", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_environment.Out.ToString());
    }

    [Theory]
    [InlineData("acme-prod")]
    [InlineData("playground")]
    public async Task The_matrix_of_a_space_is_what_is_checked_in(string space)
    {
        Assert.Equal(0, await _environment.RunAsync("reach", "-f", Samples, "--matrix", space));
        GoldenFile.Verify(
            RepositoryFolder.Combine("tests", "Dynospace.Cli.Tests", "Golden", $"matrix-{space}.txt"),
            _environment.Out.ToString());
    }

    [Fact]
    public async Task Options_of_the_operator_count()
    {
        Assert.Equal(0, await AskAsync("router", "shop.web.1:8080", "--operator-option", "port=8080"));
        Assert.Equal(
            0,
            await AskAsync(
                "router",
                "shop.web.1",
                "--operator-option",
                "port=8080",
                "--operator-option",
                "systemNamespace=dynos"));
        Assert.Contains("TCP 8080", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await AskAsync("router", "shop", "--operator-option", "prot=1"));
        Assert.Contains(
            "--operator-option prot: no such option", _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reach")]
    [InlineData("reach", "shop.web.1")]
    [InlineData("reach", "shop.web.1", "shop", "--matrix", "acme-prod")]
    [InlineData("reach", "shop.web.1", "shop", "--kubeconfig", "nowhere")]
    [InlineData("reach", "shop.web.1", "shop:many", "--kubeconfig", "nowhere")]
    public async Task Wrong_arguments_are_refused(params string[] args)
    {
        Assert.Equal(1, await _environment.RunAsync(args));
        Assert.StartsWith("dynospace: ", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("defect", _environment.Error.ToString(), StringComparison.Ordinal);
    }

    private Task<int> AskAsync(string source, string target, params string[] more) =>
        _environment.RunAsync(["reach", "-f", Samples, source, target, .. more]);

    private static string Space(string name) =>
        $"{{apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {{name: {name}}}, spec: {{runtime: Private, "
        + $"region: oregon}}}}\n---\n";

    private static string App(string space) =>
        $"{{apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {{name: shop, namespace: {space}}}, spec: "
        + $"{{image: 'a:1', processes: [{{type: web}}]}}}}\n---\n";
}
