using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Dns;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Dns;

/// <summary>
/// The configuration of a space's DNS, tried with a real CoreDNS where the variable COREDNS names one.
/// </summary>
public sealed class CoreDnsTests(Platform platform)
{
    private static readonly string? Program = Environment.GetEnvironmentVariable("COREDNS");

    [Fact]
    public async Task Dynos_of_the_space_resolve_and_nothing_of_other_spaces()
    {
        Assert.SkipWhen(Program is null, "COREDNS names no CoreDNS.");
        await using var space = platform.NewSpace();
        await using var other = platform.NewSpace();
        await other.StartAsync(SpaceRuntime.Private);
        await other.CreateAppAsync("secret", formation: [("web", 1)]);
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: [("web", 2), ("worker-a", 1)]);
        await UpAsync(other, "secret", ["web.1"]);
        var up = await UpAsync(space, "shop", ["web.1", "web.2", "worker-a.1"]);
        using var cluster = new KnowingAll();
        await using var dns = RealCoreDns.Start(platform, space.Name, cluster.EndPoint);

        Assert.Equal([up["web.1"]], await dns.AskAsync("1.web.shop.app.localspace"));
        Assert.Equal([up["worker-a.1"]], await dns.AskAsync("1.worker-a.shop.app.localspace"));
        Assert.Equal(
            new[] { up["web.1"], up["web.2"] }.Order(StringComparer.Ordinal),
            await dns.AskAsync("web.shop.app.localspace"));
        Assert.Equal(await dns.AskAsync("web.shop.app.localspace"), await dns.AskAsync("WEB.Shop.app.localspace"));

        string[] unknown =
        [
            "3.web.shop.app.localspace", "1.clock.shop.app.localspace", "shop.app.localspace",
            "x.1.web.shop.app.localspace", "app.localspace", "1.web.secret.app.localspace",
            "web.secret.app.localspace", $"secret.{other.Name}.svc.cluster.local",
            $"web-1.secret--web.{other.Name}.svc.cluster.local", "kubernetes.default.svc.cluster.local",
            $"x.{other.Name}.svc.clusterset.local", "1.0.0.10.in-addr.arpa", "other.localspace",
        ];
        foreach (var name in unknown)
        {
            Assert.True(await dns.AskAsync(name) is null, name);
        }

        // What is the space's own, or the world's, is left to the cluster's DNS.
        Assert.Equal([KnowingAll.Address], await dns.AskAsync($"shop.{space.Name}.svc.cluster.local"));
        Assert.Equal([KnowingAll.Address], await dns.AskAsync("www.example.com"));
    }

    [Fact]
    public async Task Both_families_are_answered_and_a_change_shows()
    {
        Assert.SkipWhen(Program is null, "COREDNS names no CoreDNS.");
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        var up = await UpAsync(space, "shop", ["web.1"]);
        using var cluster = new KnowingAll();
        await using var dns = RealCoreDns.Start(platform, space.Name, cluster.EndPoint);
        Assert.Equal([up["web.1"]], await dns.AskAsync("web.shop.app.localspace"));
        Assert.Empty((await dns.AskAsync("web.shop.app.localspace", AddressFamily.InterNetworkV6))!);

        (await platform.Api.ApplyAsync(Kinds.EndpointSlice, Slice(space.Name), TestContext.Current.CancellationToken))
            .Require();

        await dns.UntilAsync("web.shop.app.localspace", AddressFamily.InterNetworkV6, ["fd00:10:244::7"]);
        await dns.UntilAsync("1.web.shop.app.localspace", AddressFamily.InterNetworkV6, ["fd00:10:244::7"]);
    }

    /// <summary>As the cluster's controller makes it for the other family.</summary>
    private static JsonObject Slice(string ns) => new()
    {
        ["apiVersion"] = "discovery.k8s.io/v1",
        ["kind"] = "EndpointSlice",
        ["metadata"] = new JsonObject
        {
            ["name"] = "shop--web-v6",
            ["namespace"] = ns,
            ["labels"] = new JsonObject
            {
                ["kubernetes.io/service-name"] = "shop--web",
                ["app.kubernetes.io/managed-by"] = "dynospace",
                ["dynospace.dev/space"] = ns,
                ["dynospace.dev/process-type"] = "web",
            },
        },
        ["addressType"] = "IPv6",
        ["endpoints"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray("fd00:10:244::7"),
            ["hostname"] = "web-1",
        }),
        ["ports"] = new JsonArray(),
    };

    /// <summary>The addresses of dynos, once they have them.</summary>
    private static Task<IReadOnlyDictionary<string, string>> UpAsync(
        TestSpace space, string app, IReadOnlyList<string> dynos) =>
        space.UntilAsync<IReadOnlyDictionary<string, string>>("the dynos have addresses", state =>
        {
            var found = dynos.ToDictionary(
                dyno => dyno,
                dyno => (string?)state.Find(Kinds.Dyno, space.In($"{app}.{dyno}"))?.Content["status"]?["podIP"]);
            return found.Values.All(address => address is not null)
                ? found.ToDictionary(pair => pair.Key, pair => pair.Value!)
                : null;
        });

    /// <summary>A CoreDNS of this machine, with the configuration that the planner makes for a space.</summary>
    private sealed class RealCoreDns : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly DirectoryInfo _folder;
        private readonly IPEndPoint _server;

        private RealCoreDns(Process process, DirectoryInfo folder, IPEndPoint server) =>
            (_process, _folder, _server) = (process, folder, server);

        public static RealCoreDns Start(Platform platform, string space, IPEndPoint upstream)
        {
            var options = new PlatformOptions();
            var planned = SpaceDnsPlanner.Plan(
                new Space
                {
                    Metadata = new() { Name = space },
                    Spec = new() { Runtime = SpaceRuntime.Private, Region = "oregon" },
                },
                ClusterFacts.Unknown,
                options with { Dns = options.Dns with { SpaceImage = "coredns" } });
            var corefile = planned.Select(part => part.Content).OfType<V1ConfigMap>().Single().Data["Corefile"];
            var folder = Directory.CreateTempSubdirectory("coredns-");
            var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
            File.WriteAllText(kubeconfig, platform.Cluster.Kubeconfig);
            var server = new IPEndPoint(IPAddress.Loopback, FreePort());
            File.WriteAllText(
                Path.Combine(folder.FullName, "Corefile"),
                // Only where it runs differs.
                corefile
                    .Replace($":{SpaceDnsPorts.Dns}", $":{server.Port}", StringComparison.Ordinal)
                    .Replace($"health :{SpaceDnsPorts.Health}", $"health :{FreePort()}", StringComparison.Ordinal)
                    .Replace($"ready :{SpaceDnsPorts.Ready}", $"ready :{FreePort()}", StringComparison.Ordinal)
                    .Replace("/etc/resolv.conf", upstream.ToString(), StringComparison.Ordinal)
                    .Replace("namespaces ", $"kubeconfig {kubeconfig}\n        namespaces ", StringComparison.Ordinal));
            var start = new ProcessStartInfo(Program!, ["-conf", Path.Combine(folder.FullName, "Corefile")])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            var process = Process.Start(start)!;
            var output = TestContext.Current.TestOutputHelper;
            process.OutputDataReceived += (_, line) => Say(output, line.Data);
            process.ErrorDataReceived += (_, line) => Say(output, line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return new RealCoreDns(process, folder, server);
        }

        public Task<IReadOnlyList<string>?> AskAsync(
            string name, AddressFamily family = AddressFamily.InterNetwork) =>
            DnsClient.AskAsync(_server, name, family, TestContext.Current.CancellationToken);

        /// <summary>Asks until the answer is this one, as a client whose cache is over.</summary>
        public async Task UntilAsync(string name, AddressFamily family, IReadOnlyList<string> expected)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(10));
            while (!(await AskAsync(name, family) ?? []).SequenceEqual(expected))
            {
                await Task.Delay(100, limit.Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _folder.Delete(recursive: true);
        }

        private static void Say(ITestOutputHelper? output, string? line)
        {
            try
            {
                output?.WriteLine(line ?? "");
            }
            catch (InvalidOperationException)
            {
                // The test is over.
            }
        }

        private static int FreePort()
        {
            using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
        }
    }
}
