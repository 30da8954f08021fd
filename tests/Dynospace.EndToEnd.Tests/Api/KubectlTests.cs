using System.Diagnostics;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
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
