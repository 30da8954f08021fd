using System.Text.Json.Nodes;
using Dynospace.Testing.Golden;
using Xunit;

namespace Dynospace.Cli.Tests.Rendering;

public sealed class RenderCommandTests : IDisposable
{
    private const string Space =
        "{apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: acme}, spec: {runtime: Common, region: "
        + "oregon}}\n---\n";

    private readonly TestEnvironment _environment = new();

    private static string Samples => RepositoryFolder.Combine("samples");

    public void Dispose() => _environment.Dispose();

    [Fact]
    public async Task The_samples_become_what_is_checked_in()
    {
        Assert.Equal(0, await _environment.RunAsync("render", "-f", Samples));
        Assert.Empty(_environment.Error.ToString());
        GoldenFolder.Verify(
            RepositoryFolder.Combine("tests", "Dynospace.Cli.Tests", "Golden", "samples"), _environment.Out.ToString());
    }

    [Fact]
    public async Task Names_and_JSON_list_the_same_objects_as_YAML()
    {
        Assert.Equal(0, await _environment.RunAsync("render", "-f", Samples));
        var yaml = _environment.Out.ToString().Split("---\n").Length;
        _environment.Out.GetStringBuilder().Clear();
        Assert.Equal(0, await _environment.RunAsync("render", "-f", Samples, "-o", "name"));
        var names = _environment.Out.ToString().TrimEnd().Split('\n');
        _environment.Out.GetStringBuilder().Clear();
        Assert.Equal(0, await _environment.RunAsync("render", "-f", Samples, "-o", "json"));
        var list = JsonNode.Parse(_environment.Out.ToString())!;

        Assert.Equal(yaml, names.Length);
        Assert.Equal(yaml, list["items"]!.AsArray().Count);
        Assert.Contains("networkpolicy.networking.k8s.io/acme-prod/default-deny", names);
        Assert.Contains("dyno.dynospace.dev/playground/hello.web.2", names);
    }

    [Fact]
    public async Task Routes_of_a_gateway_of_the_cluster_and_certificates_are_printed_and_no_router()
    {
        _environment.Write(
            "all.yaml",
            Space
            + App(
                "shop",
                "domains: [shop.example.com], tls: {issuerRef: {name: letsencrypt}}, processes: [{type: web}]"));
        string[] options =
        [
            "routerProvider=Ingress",
            "routerImplementation=IngressNginx",
            "publicGatewayNamespace=ingress",
            "publicGatewayPods=tier=public",
            "internalGatewayNamespace=ingress", "internalGatewayPods=tier=internal",
        ];

        Assert.Equal(
            0,
            await _environment.RunAsync(
                [
                    "render",
                    "-f",
                    "all.yaml",
                    "-o",
                    "name",
                    .. options.SelectMany(option => new[] { "--operator-option", option }),
                ]));

        var names = _environment.Out.ToString().TrimEnd().Split('\n');
        Assert.Contains("ingress.networking.k8s.io/acme/shop", names);
        Assert.Contains("certificate.cert-manager.io/acme/shop--tls", names);
        Assert.DoesNotContain(names, name => name.StartsWith("deployment", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_order_of_the_manifests_does_not_matter_and_nothing_of_a_cluster_is_printed()
    {
        var app = App("shop", "processes: [{type: web, quantity: 2}, {type: worker}]");
        _environment.Write("one.yaml", Space + app);
        _environment.Write("two.yaml", app + "---\n" + Space);
        Assert.Equal(0, await _environment.RunAsync("render", "-f", "one.yaml"));
        var first = _environment.Out.ToString();
        _environment.Out.GetStringBuilder().Clear();
        Assert.Equal(0, await _environment.RunAsync("render", "-f", "two.yaml"));

        Assert.Equal(first, _environment.Out.ToString());
        Assert.DoesNotContain("uid", first, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("status:", first, StringComparison.Ordinal);
        Assert.DoesNotContain("Timestamp", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_Secrets_change_nothing_that_is_printed()
    {
        var app = App("shop", "configFrom: [{secretRef: {name: keys}}], processes: [{type: web}]");
        _environment.Write("a.yaml", Space + app + "---\n" + Secret("hunter2"));
        Assert.Equal(0, await _environment.RunAsync("render", "-f", "a.yaml"));
        var first = _environment.Out.ToString();
        _environment.Out.GetStringBuilder().Clear();
        _environment.Write("a.yaml", Space + app + "---\n" + Secret("other"));
        Assert.Equal(0, await _environment.RunAsync("render", "-f", "a.yaml"));

        Assert.DoesNotContain("hunter2", first, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("hunter2"u8), first, StringComparison.Ordinal);
        Assert.Equal(first, _environment.Out.ToString());
    }

    [Fact]
    public async Task A_Secret_that_is_not_there_withholds_the_app_unless_it_is_assumed()
    {
        _environment.Write(
            "a.yaml", Space + App("shop", "configFrom: [{secretRef: {name: keys}}], processes: [{type: web}]"));
        Assert.Equal(1, await _environment.RunAsync("render", "-f", "a.yaml", "-o", "name"));
        Assert.Contains(
            "App acme/shop: SecretNotFound: spec.configFrom names keys",
            _environment.Error.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("--assume-secrets", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("pod/", _environment.Out.ToString(), StringComparison.Ordinal);

        Assert.Equal(0, await _environment.RunAsync("render", "-f", "a.yaml", "-o", "name", "--assume-secrets"));
        Assert.Contains("pod/acme/shop-web-1-", _environment.Out.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--output", "name")]
    [InlineData("--assume-secrets")]
    public async Task A_Secret_that_is_a_service_accounts_token_is_refused(params string[] options)
    {
        _environment.Write(
            "a.yaml",
            Space + App("shop", "configFrom: [{secretRef: {name: keys}}], processes: [{type: web}]")
            + "---\n{apiVersion: v1, kind: Secret, metadata: {name: keys, namespace: acme}, "
            + "type: kubernetes.io/service-account-token}\n");

        Assert.Equal(1, await _environment.RunAsync(["render", "-f", "a.yaml", .. options]));

        Assert.Contains(
            "App acme/shop: SecretRefused: spec.configFrom names keys",
            _environment.Error.ToString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("pod/", _environment.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_one_off_gets_its_pod_and_is_not_made_itself()
    {
        _environment.Write("a.yaml", Space + App("shop", "processes: [{type: web}]")
            + "---\n{apiVersion: dynospace.dev/v1alpha1, kind: Dyno, metadata: {name: shop.run.1, namespace: acme}, "
                + "spec: {app: shop, processType: run, index: 1, command: [sh]}}\n");
        Assert.Equal(0, await _environment.RunAsync("render", "-f", "a.yaml", "-o", "name"));
        Assert.Contains("pod/acme/shop--run-1-", _environment.Out.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "dyno.dynospace.dev/acme/shop.run.1", _environment.Out.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "{runtime: Private, region: oregon, peerNetworks: [{name: hq, via: VPN, cidrs: [169.254.169.0/24]}]}",
        "",
        "Space acme: RangeConflict: spec.peerNetworks[hq]")]
    [InlineData(
        "{runtime: Common, region: oregon}",
        "{name: shop, namespace: elsewhere}",
        "App elsewhere/shop: SpaceNotFound:")]
    [InlineData("{runtime: Common, region: oregon}", "{name: shop}", "App default/shop: SpaceNotFound:")]
    public async Task What_two_objects_or_the_cluster_show_to_be_wrong_is_refused_with_object_and_reason(
        string space, string appMetadata, string part)
    {
        var app = appMetadata.Length == 0
            ? ""
            : $"---\n{{apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {appMetadata}, spec: {{image: "
                + $"'registry.example/shop:1', processes: [{{type: web}}]}}}}\n";
        _environment.Write(
            "a.yaml",
            $"{{apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {{name: acme}}, spec: {space}}}\n" + app);
        Assert.Equal(1, await _environment.RunAsync("render", "-f", "a.yaml"));
        Assert.Contains("dynospace: " + part, _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Internal_routing_in_a_Common_space_is_refused()
    {
        _environment.Write("a.yaml", Space + App("shop", "internalRouting: true, processes: [{type: web}]"));
        Assert.Equal(1, await _environment.RunAsync("render", "-f", "a.yaml", "-o", "name"));
        Assert.Contains(
            "App acme/shop: InternalRoutingUnsupported:", _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_that_is_not_given_up_for_adoption_is_refused()
    {
        _environment.Write("a.yaml", Space + "{apiVersion: v1, kind: Namespace, metadata: {name: acme}}");
        Assert.Equal(1, await _environment.RunAsync("render", "-f", "a.yaml"));
        Assert.Contains("Space acme: NamespaceNotAdopted:", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_environment.Out.ToString());
    }

    [Theory]
    [InlineData("Space", "{runtime: Public, region: oregon}", "spec.runtime")]
    [InlineData("Space", "{runtime: Common, region: oregon, trustedIPRanges: [198.51.100.0/24]}", "trustedIPRanges")]
    [InlineData("Space", "{runtime: Private, region: oregon, trustedIPRanges: [10.0.0.1/8]}", "10.0.0.1/8")]
    [InlineData("Space", "{runtime: Common, region: oregon, regoin: x}", "spec.regoin: unknown field")]
    [InlineData("App", "{image: 'a:1', processes: [{type: release}]}", "choose another name")]
    [InlineData("App", "{processes: [{type: web}]}", "spec.image")]
    [InlineData(
        "App",
        "{image: 'a:1', replicas: 5, processes: [{type: worker, command: [a]}]}",
        "replicas is the number of web dynos: add a process of type web first")]
    [InlineData(
        "App",
        "{image: 'a:1', replicas: 60, processes: [{type: web, quantity: 2}, {type: worker, quantity: 50}]}",
        "an app runs at most 100 dynos")]
    public async Task What_one_object_shows_to_be_wrong_is_refused_with_file_and_field(
        string kind, string spec, string part)
    {
        _environment.Write(
            "a.yaml", $"{{apiVersion: dynospace.dev/v1alpha1, kind: {kind}, metadata: {{name: acme}}, spec: {spec}}}");
        Assert.Equal(1, await _environment.RunAsync("render", "-f", "a.yaml"));
        Assert.StartsWith("dynospace: ", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"a.yaml: {kind} ", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(part, _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_environment.Out.ToString());
    }

    [Theory]
    [InlineData(
        "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: '%%%'}}",
        "Secret default/s: data.a: a value of the wrong type")]
    [InlineData(
        "{apiVersion: v1, kind: Pod, metadata: {name: s, labels: 5}}",
        "Pod default/s: metadata.labels: a value of the wrong type")]
    [InlineData("{apiVersion: v1, kind: Pod, metadata: {name: s, namespace: 7}}", "metadata.namespace: 7 is not a string")]
    [InlineData("{apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {name: 5}}", "metadata.name: 5 is not a string")]
    [InlineData("{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}}", "has no such kind")]
    public async Task Values_of_the_wrong_type_are_refused_by_their_field(string manifest, string part)
    {
        _environment.Write("a.yaml", manifest);
        Assert.Equal(1, await _environment.RunAsync("render", "-f", "a.yaml"));
        Assert.StartsWith("dynospace: a.yaml: ", _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(part, _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_mistake_is_shown_at_once()
    {
        _environment.Write(
            "m/a.yaml",
            "{apiVersion: dynospace.dev/v1alpha1, kind: Space, metadata: {name: acme}, spec: {runtime: Common}}");
        _environment.Write("m/b.yaml", App("shop", "processes: [{type: Web}]"));
        Assert.Equal(1, await _environment.RunAsync("render", "-f", "m"));
        Assert.Contains(Path.Combine("m", "a.yaml"), _environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(Path.Combine("m", "b.yaml"), _environment.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("render")]
    [InlineData("render", "-f", "nowhere")]
    [InlineData("render", "-f", "x", "-o", "xml")]
    [InlineData("render", "-f", "x", "--pod-range", "10.0.0.1/8")]
    [InlineData("render", "-f", "x", "--dns-address", "ten")]
    public async Task Wrong_arguments_are_refused(params string[] args)
    {
        Assert.Equal(1, await _environment.RunAsync(args));
        Assert.NotEmpty(_environment.Error.ToString());
        Assert.DoesNotContain("defect", _environment.Error.ToString(), StringComparison.Ordinal);
    }

    private static string App(string name, string spec) =>
        $"{{apiVersion: dynospace.dev/v1alpha1, kind: App, metadata: {{name: {name}, namespace: acme}}, spec: "
        + $"{{image: 'registry.example/shop:1', {spec}}}}}\n";

    private static string Secret(string value) =>
        $"{{apiVersion: v1, kind: Secret, metadata: {{name: keys, namespace: acme}}, stringData: {{PASSWORD: "
        + $"{value}}}}}\n";
}
