namespace DevCluster.Simulator.Tests.Kubectl;

/// <summary>People's own kubectl, unmodified, against the dev cluster. Skipped where none is installed.</summary>
public sealed class KubectlTests(KubectlCluster cluster) : IAsyncLifetime
{
    private readonly string _namespace = "k" + Guid.NewGuid().ToString("N")[..10];

    public async ValueTask InitializeAsync() => await OkAsync("create", "namespace", _namespace);

    public async ValueTask DisposeAsync() =>
        await cluster.RunAsync(["delete", "namespace", _namespace, "--wait=false"]);

    [Fact]
    public async Task Version_and_health_are_shown()
    {
        Assert.Contains("+devcluster", await OkAsync("version"), StringComparison.Ordinal);
        Assert.Equal("ok", await OkAsync("get", "--raw", "/readyz"));
    }

    [Fact]
    public async Task Resources_and_versions_are_listed()
    {
        Assert.Matches(@"(?m)^deployments +deploy +apps/v1 +true +Deployment", await OkAsync("api-resources"));
        Assert.Contains("rbac.authorization.k8s.io/v1", await OkAsync("api-versions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_side_apply_creates_then_changes_nothing_then_configures()
    {
        Assert.EndsWith("configmap/a created\n", await ApplyAsync("one"), StringComparison.Ordinal);
        Assert.EndsWith("configmap/a unchanged\n", await ApplyAsync("one"), StringComparison.Ordinal);
        Assert.EndsWith("configmap/a configured\n", await ApplyAsync("two"), StringComparison.Ordinal);
        Assert.Equal("two", await DataAsync());
    }

    [Fact]
    public async Task Server_side_apply_names_conflicts_and_can_be_forced()
    {
        await ApplyAsync("one", "--server-side");
        var conflict = await cluster.RunAsync(
            ["apply", "-n", _namespace, "--server-side", "--field-manager=other", "-f", ConfigMap("two")]);
        Assert.NotEqual(0, conflict.ExitCode);
        Assert.Contains(
            "Apply failed with 1 conflict: conflict with \"kubectl\": .data.k",
            conflict.Errors,
            StringComparison.Ordinal);

        await ApplyAsync("two", "--server-side", "--field-manager=other", "--force-conflicts");
        Assert.Equal("two", await DataAsync());
    }

    [Fact]
    public async Task Validation_finds_unknown_fields()
    {
        var file = cluster.Write(
            _namespace + "-bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndatum: {k: v}\n");
        var run = await cluster.RunAsync(["apply", "-n", _namespace, "-f", file]);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("unknown field \"datum\"", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("strategic", """{"data":{"k":"patched"}}""")]
    [InlineData("merge", """{"data":{"k":"patched"}}""")]
    [InlineData("json", """[{"op":"replace","path":"/data/k","value":"patched"}]""")]
    public async Task Patches_of_every_type_work(string type, string patch)
    {
        await ApplyAsync("one");
        await OkAsync("patch", "configmap", "a", "-n", _namespace, "--type", type, "-p", patch);

        Assert.Equal("patched", await DataAsync());
    }

    [Fact]
    public async Task Labels_and_annotations_are_set_and_removed()
    {
        await ApplyAsync("one");
        await OkAsync("label", "configmap", "a", "-n", _namespace, "x=y");
        await OkAsync("annotate", "configmap", "a", "-n", _namespace, "x=z");
        Assert.Equal("configmap/a\n", await OkAsync("get", "configmaps", "-n", _namespace, "-l", "x=y", "-o", "name"));

        await OkAsync("label", "configmap", "a", "-n", _namespace, "x-");
        Assert.Equal("", await OkAsync("get", "configmaps", "-n", _namespace, "-l", "x=y", "-o", "name"));
    }

    [Fact]
    public async Task Edit_and_diff_work()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the editor of this test is sed, and kubectl diff needs diff");
        await ApplyAsync("one");
        var diff = await cluster.RunAsync(["diff", "-n", _namespace, "-f", ConfigMap("two")]);
        Assert.Equal(1, diff.ExitCode);
        Assert.Contains("+  k: two", diff.Output, StringComparison.Ordinal);

        var edit = await cluster.RunAsync(["edit", "configmap", "a", "-n", _namespace], "sed -i s/one/edited/");
        Assert.Equal((0, ""), (edit.ExitCode, edit.Errors));
        Assert.Equal("edited", await DataAsync());
    }

    [Fact]
    public async Task A_deployment_becomes_available_scales_rolls_and_goes_with_its_children()
    {
        await OkAsync("create", "deployment", "web", "-n", _namespace, "--image=nginx", "--replicas=2");
        await OkAsync("wait", "-n", _namespace, "deployment/web", "--for=condition=Available", "--timeout=20s");
        Assert.Matches(@"(?m)^web +2/2 +2 +2 ", await OkAsync("get", "deployments", "-n", _namespace));
        Assert.Matches(
            @"(?m)^web-\S+ +1/1 +Running +0 .* dev-node-1 ",
            await OkAsync("get", "pods", "-n", _namespace, "-o", "wide"));

        await OkAsync("scale", "deployment", "web", "-n", _namespace, "--replicas=3");
        Assert.Contains(
            "successfully rolled out",
            await OkAsync("rollout", "status", "deployment/web", "-n", _namespace, "--timeout=20s"),
            StringComparison.Ordinal);
        await OkAsync("expose", "deployment", "web", "-n", _namespace, "--port=80");
        Assert.Contains(
            "172.16.", await OkAsync("describe", "service", "web", "-n", _namespace), StringComparison.Ordinal);

        await OkAsync("delete", "deployment", "web", "-n", _namespace, "--cascade=foreground", "--timeout=20s");
        Assert.Equal("", await OkAsync("get", "pods,replicasets", "-n", _namespace, "-o", "name"));
    }

    [Fact]
    public async Task Apply_prunes_what_is_no_longer_in_the_file()
    {
        string File(params string[] names) => cluster.Write(
            _namespace + "-prune.yaml",
            string.Join("---\n", names.Select(name =>
                $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, labels: {{app: x}}}}\n")));
        await OkAsync("apply", "-n", _namespace, "-f", File("one", "two"));

        var pruned = await OkAsync("apply", "-n", _namespace, "--prune", "-l", "app=x", "-f", File("one"));

        Assert.Equal("configmap/one unchanged\nconfigmap/two pruned\n", pruned);
    }

    [Fact]
    public async Task Logs_are_followed_until_the_pod_has_ended()
    {
        await OkAsync("run", "p", "-n", _namespace, "--image=nginx");
        await OkAsync("wait", "-n", _namespace, "pod/p", "--for=condition=Ready", "--timeout=20s");

        using var following = cluster.Start(["logs", "-f", "p", "-n", _namespace]);
        var cancelled = TestContext.Current.CancellationToken;
        var line = await following.StandardOutput.ReadLineAsync(cancelled);
        Assert.False(following.HasExited);
        await OkAsync("delete", "pod", "p", "-n", _namespace);
        await following.WaitForExitAsync(cancelled);

        Assert.Contains("simulated", line, StringComparison.Ordinal);
        Assert.Equal((0, null), (following.ExitCode, await following.StandardOutput.ReadLineAsync(cancelled)));
    }

    [Fact]
    public async Task Describe_shows_a_pods_events()
    {
        await OkAsync("run", "p", "-n", _namespace, "--image=nginx");
        await OkAsync("wait", "-n", _namespace, "pod/p", "--for=condition=Ready", "--timeout=20s");
        var described = await OkAsync("describe", "pod", "p", "-n", _namespace);

        Assert.Contains("Successfully assigned", described, StringComparison.Ordinal);
        Assert.Contains("simulated", await OkAsync("logs", "p", "-n", _namespace), StringComparison.Ordinal);
        Assert.Contains("Scheduled", await OkAsync("events", "-n", _namespace), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_reads_the_schema()
    {
        Assert.Contains(
            "List of containers belonging to the pod",
            await OkAsync("explain", "pods.spec.containers"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Access_can_be_asked_about()
    {
        Assert.Equal("yes\n", await OkAsync("auth", "can-i", "delete", "pods"));
        var bob = await cluster.RunAsync(["auth", "can-i", "delete", "pods", "-n", _namespace, "--as=bob"]);
        Assert.Equal((1, "no\n"), (bob.ExitCode, bob.Output));
        await OkAsync("create", "rolebinding", "b", "-n", _namespace, "--clusterrole=edit", "--user=bob");
        Assert.Equal("yes\n", await OkAsync("auth", "can-i", "delete", "pods", "-n", _namespace, "--as=bob"));
        Assert.Contains(
            "pods", await OkAsync("auth", "can-i", "--list", "-n", _namespace, "--as=bob"), StringComparison.Ordinal);
        Assert.Matches(@"Username +admin", await OkAsync("auth", "whoami"));
    }

    [Fact]
    public async Task A_namespace_takes_its_content_with_it()
    {
        await OkAsync("create", "namespace", _namespace + "x");
        await OkAsync("create", "configmap", "c", "-n", _namespace + "x", "--from-literal=a=b");
        await OkAsync("delete", "namespace", _namespace + "x", "--timeout=20s");

        Assert.NotEqual(0, (await cluster.RunAsync(["get", "namespace", _namespace + "x"])).ExitCode);
    }

    [Fact]
    public async Task Objects_are_created_and_replaced_from_files()
    {
        await OkAsync("create", "-n", _namespace, "-f", ConfigMap("one"));
        await OkAsync("replace", "-n", _namespace, "-f", ConfigMap("two"));

        Assert.Equal("two", await DataAsync());
        Assert.Equal($"configmap \"a\" deleted\n", await OkAsync("delete", "-n", _namespace, "-f", ConfigMap("two")));
    }

    private string ConfigMap(string value) =>
        cluster.Write(
            $"{_namespace}-{value}.yaml",
            $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{k: {value}}}\n");

    private Task<string> ApplyAsync(string value, params string[] more) =>
        OkAsync(["apply", "-n", _namespace, "-f", ConfigMap(value), .. more]);

    private Task<string> DataAsync() => OkAsync("get", "configmap", "a", "-n", _namespace, "-o", "jsonpath={.data.k}");

    private async Task<string> OkAsync(params string[] arguments)
    {
        var run = await cluster.RunAsync(arguments);
        Assert.True(run.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {run.Errors}{run.Output}");
        return run.Output;
    }
}
