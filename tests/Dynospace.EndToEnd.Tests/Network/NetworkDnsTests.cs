using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>
/// The DNS of spaces by real packets: a CoreDNS in pods where the variable COREDNS names one, else the dev cluster's
/// stand-in, which reads the same Corefile.
/// </summary>
[Collection(Packets.Name)]
public sealed class NetworkDnsTests(NetworkDnsTests.DnsPlatform platform) : IClassFixture<NetworkDnsTests.DnsPlatform>
{
    [Fact]
    public async Task Dynos_find_one_another_by_name_and_know_no_one_else()
    {
        platform.Require();
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var space = platform.NewSpace();
        await using var other = platform.NewSpace();
        await other.StartAsync(SpaceRuntime.Private);
        await other.CreateAppAsync("secret", formation: [("web", 1)]);
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 1)]);
        var secret = await AddressAsync(other, "secret.web.1");
        var web = await AddressAsync(space, "shop.web.1");
        await AddressAsync(space, "shop.worker.1");
        var shell = new PodShell(platform.Api, space.In(await PodAsync(space, "shop.worker.1")), Listens: false);

        await AnswersAsync(shell, "1.web.shop.app.localspace", web, cancellationToken);
        await AnswersAsync(shell, "web.shop.app.localspace", web, cancellationToken);
        var own = await shell.RunAsync("echo $DYNO_DNS_DYNO_NAME $DYNO_PRIVATE_IP", cancellationToken);
        Assert.Equal($"1.worker.shop.app.localspace {await AddressAsync(space, "shop.worker.1")}", own.Trim());
        foreach (var name in new[]
        {
            "1.web.secret.app.localspace",
            $"web-1.secret--web.{other.Name}.svc.cluster.local",
        })
        {
            var answer = await LookupAsync(shell, name, cancellationToken);
            Assert.DoesNotContain(secret, answer, StringComparison.Ordinal);
            Assert.Contains("NXDOMAIN", answer, StringComparison.Ordinal);
        }

        // The cluster's DNS knows all names, and no dyno reaches it.
        var direct = await shell.RunAsync(
            "busybox nslookup -type=a -timeout=1 -retry=1 kubernetes.default.svc.cluster.local. 10.96.0.10 2>&1",
            cancellationToken);
        Assert.Contains("no servers could be reached", direct, StringComparison.Ordinal);
        var status = (await space.ReadyAsync(Kinds.Space, space.Key)).As<Space>().Status!;
        Assert.Contains(
            status.Conditions!, condition => condition is { Type: ConditionTypes.DnsReady, Status: "True" });
    }

    [Fact]
    public async Task A_dyno_that_is_stopped_leaves_the_names_before_its_process_ends()
    {
        platform.Require();
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", platform.Workloads.Stubborn, null, ("worker", 2), ("clock", 1));
        var staying = await AddressAsync(space, "shop.worker.1");
        var stopped = await AddressAsync(space, "shop.worker.2");
        var pod = space.In(await PodAsync(space, "shop.worker.2"));
        await AddressAsync(space, "shop.clock.1");
        var shell = new PodShell(platform.Api, space.In(await PodAsync(space, "shop.clock.1")), Listens: false);
        await AnswersAsync(shell, "worker.shop.app.localspace", stopped, cancellationToken);

        await space.RunAsync("shop", platform.Workloads.Stubborn, ("worker", 1), ("clock", 1));

        string answer;
        do
        {
            answer = await LookupAsync(shell, "worker.shop.app.localspace", cancellationToken);
        }
        while (answer.Contains(stopped, StringComparison.Ordinal));

        Assert.Contains(staying, answer, StringComparison.Ordinal);
        (await platform.Api.GetAsync(Kinds.Pod, pod, cancellationToken)).Require();
    }

    private static async Task AnswersAsync(
        PodShell shell, string name, string address, CancellationToken cancellationToken) =>
        Assert.Contains(address, await LookupAsync(shell, name, cancellationToken), StringComparison.Ordinal);

    private static Task<string> LookupAsync(PodShell shell, string name, CancellationToken cancellationToken) =>
        shell.RunAsync($"busybox nslookup -type=a {name}. 2>&1", cancellationToken);

    private static Task<string> AddressAsync(TestSpace space, string dyno) => space.UntilAsync(
        $"{dyno} is up",
        state => state.Find(Kinds.Dyno, space.In(dyno)) is { } found && found.Has(ConditionTypes.Up)
            ? (string?)found.Content["status"]?["podIP"]
            : null);

    private static Task<string> PodAsync(TestSpace space, string dyno) => space.UntilAsync(
        $"the pod of {dyno}",
        state => (string?)state.Find(Kinds.Dyno, space.In(dyno))?.Content["status"]?["pod"]);

    public sealed class DnsPlatform : PacketPlatform
    {
        private protected override PlatformOptions Adjust(PlatformOptions options) => options with
        {
            Router = options.Router with { Provider = RouterProvider.None },
            Dns = options.Dns with { SpaceImage = "registry.k8s.io/coredns/coredns:v1.13.1" },
        };
    }
}
