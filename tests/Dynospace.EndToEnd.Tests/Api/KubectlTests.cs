using System.Diagnostics;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Api;

/// <summary>The client that people use, where it is installed.</summary>
public sealed class KubectlTests(Platform platform)
{
    [Fact]
    public async Task Kubectl_lists_describes_edits_scales_waits_and_deletes()
    {
        using var kubectl = Kubectl.Find(platform.Cluster.Kubeconfig);
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 1)]);
        await kubectl.RunAsync(
            "wait",
            "--for=condition=Ready",
            "app/shop",
            "-n",
            space.Name,
            $"--timeout={platform.Traits.Patience.TotalSeconds:0}s");

        Assert.Contains(
            "shop.web.1",
            await kubectl.RunAsync("get", "spaces,apps,dynos", "-n", space.Name),
            StringComparison.Ordinal);
        Assert.Contains(
            "web=1 worker=1", await kubectl.RunAsync("get", "ap", "-n", space.Name), StringComparison.Ordinal);
        Assert.Contains(
            "All 2 dynos are up.",
            await kubectl.RunAsync("describe", "app", "shop", "-n", space.Name),
            StringComparison.Ordinal);
        Assert.Contains("image", await kubectl.RunAsync("explain", "app.spec"), StringComparison.Ordinal);

        await kubectl.RunAsync("scale", "app/shop", "--replicas=2", "-n", space.Name);
        await space.UntilAsync(
            "the second web dyno is up",
            state => state.Find(Kinds.Dyno, space.In("shop.web.2")) is { } dyno && dyno.Has(ConditionTypes.Up)
                ? dyno
                : null);
        await kubectl.EditAsync("s/quantity: 1/quantity: 2/", "app/shop", "-n", space.Name);
        await space.UntilAsync(
            "the second worker is up",
            state => state.Find(Kinds.Dyno, space.In("shop.worker.2")) is { } dyno && dyno.Has(ConditionTypes.Up)
                ? dyno
                : null);

        await kubectl.RunAsync("delete", "dyno", "shop.worker.2", "-n", space.Name, "--wait=false");
        await kubectl.RunAsync("delete", "app", "shop", "-n", space.Name);
        await space.GoneAsync(Kinds.App, space.In("shop"));
        if (platform.Traits.CollectsGarbage)
        {
            await space.UntilAsync("its pods are gone", state => state.Of(Kinds.Pod, space.Name).Any() ? null : state);
            await kubectl.RunAsync("delete", "space", space.Name, "--timeout=60s");
            await space.GoneAsync(Kinds.Namespace, space.Key);
        }
    }

    [Fact]
    public async Task Kubectl_applies_replaces_and_scales_beside_the_number_that_the_operator_repeats()
    {
        using var kubectl = Kubectl.Find(platform.Cluster.Kubeconfig);
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        using var git = new Manifest(space.Name, platform.Workloads.Runs);

        await kubectl.RunAsync("apply", "-f", git.Write(quantity: 2));
        await FormationAsync(space, 2);
        Assert.Contains(
            "2",
            await kubectl.RunAsync(
                "get", "app", "shop", "-n", space.Name, "--subresource=scale", "-o", "jsonpath={.spec.replicas}"),
            StringComparison.Ordinal);
        Assert.Contains("unchanged", await kubectl.RunAsync("apply", "-f", git.Path), StringComparison.Ordinal);

        await kubectl.RunAsync("apply", "-f", git.Write(quantity: 3));
        await FormationAsync(space, 3);
        Assert.Contains("unchanged", await kubectl.RunAsync("apply", "-f", git.Path), StringComparison.Ordinal);

        await kubectl.RunAsync("replace", "-f", git.Write(quantity: 1));
        await FormationAsync(space, 1);

        // A manager of its own, as Flux and Argo CD have, and no conflict.
        await kubectl.RunAsync("delete", "app", "shop", "-n", space.Name);
        await space.GoneAsync(Kinds.App, space.In("shop"));
        await kubectl.RunAsync("apply", "--server-side", "-f", git.Write(quantity: 2));
        await FormationAsync(space, 2);
        await kubectl.RunAsync("apply", "--server-side", "-f", git.Write(quantity: 3));
        await FormationAsync(space, 3);

        await kubectl.RunAsync("scale", "app/shop", "--replicas=3", "-n", space.Name);
        await kubectl.RunAsync("apply", "--server-side", "-f", git.Write(quantity: 2));
        await FormationAsync(space, 2);
        await kubectl.RunAsync("scale", "app/shop", "--replicas=4", "-n", space.Name);
        await kubectl.RunAsync("apply", "--server-side", "-f", git.Write(quantity: 1));
        await FormationAsync(space, 4);
        // The formation stays as it was, so only the condition shows that the operator has seen the quantity.
        const string NoEffect = "quantity 1 of process web has no effect";
        await space.UntilAsync(
            $"App shop says that {NoEffect}",
            state => state.Find(Kinds.App, space.In("shop")) is { } app
                && app.Condition(ConditionTypes.Accepted)?.Message.Contains(NoEffect, StringComparison.Ordinal) == true
                    ? app
                    : null);
        Assert.Contains(
            NoEffect,
            await kubectl.RunAsync("describe", "app", "shop", "-n", space.Name),
            StringComparison.Ordinal);
    }

    private static Task<SeenObject> FormationAsync(TestSpace space, int web) => space.UntilAsync(
        $"web has {web} dynos",
        state => state.Find(Kinds.App, space.In("shop")) is { } app
            && app.Has(ConditionTypes.Ready)
            && (int?)app.Content["spec"]!["replicas"] == web
            && (string?)app.Content["status"]!["formation"] == $"web={web}" ? app : null);

    /// <summary>An App as it stands in Git: without a number of replicas.</summary>
    private sealed class Manifest(string ns, Workload program) : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public string Write(int quantity)
        {
            var app = new App
            {
                Metadata = new() { Name = "shop", NamespaceProperty = ns },
                Spec = new() { Image = program.Image, Processes = [program.Process("web", quantity)] },
            };
            File.WriteAllText(Path, ApiClient.ToJson(app).ToJsonString());
            return Path;
        }

        public void Dispose() => File.Delete(Path);
    }

    private sealed class Kubectl(string program, string kubeconfig) : IDisposable
    {
        public static Kubectl Find(string kubeconfig)
        {
            var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Select(folder => Path.Combine(folder, "kubectl"))
                .FirstOrDefault(File.Exists);
            Assert.SkipWhen(program is null, "kubectl is not on the PATH.");
            var file = Path.GetTempFileName();
            File.WriteAllText(file, kubeconfig);
            return new Kubectl(program!, file);
        }

        public Task<string> RunAsync(params string[] arguments) => RunAsync(null, arguments);

        public Task<string> EditAsync(string script, params string[] arguments) =>
            RunAsync($"sed -i '{script}'", ["edit", .. arguments]);

        public void Dispose() => File.Delete(kubeconfig);

        private async Task<string> RunAsync(string? editor, string[] arguments)
        {
            var start = new ProcessStartInfo(program, ["--kubeconfig", kubeconfig, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            if (editor is not null)
            {
                start.Environment["KUBE_EDITOR"] = editor;
            }

            using var process = Process.Start(start)!;
            var token = TestContext.Current.CancellationToken;
            var (output, errors) =
                (process.StandardOutput.ReadToEndAsync(token), process.StandardError.ReadToEndAsync(token));
            await process.WaitForExitAsync(token);
            Assert.True(
                process.ExitCode == 0,
                $"kubectl {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
            return await output;
        }
    }
}
