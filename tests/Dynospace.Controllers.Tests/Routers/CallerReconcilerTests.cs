using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Routers;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Control;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynospace.Controllers.Tests.Routers;

/// <summary>What is published to routers of dynos: at what cost, and for how long an address stands in it.</summary>
public sealed class CallerReconcilerTests
{
    private const string Book = "router-public-vault-callers";

    private static readonly ObjectKey BookKey = new("dynospace-system", Book);

    private readonly ReconcileWorld _world = new() { Clock = new FakeTimeProvider() };

    public CallerReconcilerTests()
    {
        _world.Put(new V1Namespace
        {
            ApiVersion = "v1",
            Kind = "Namespace",
            Metadata = new() { Name = "dynospace-system", Uid = "uid-system" },
        });
        PutSpace("vault", trusted: ["203.0.113.0/24"]);
        PutSpace("rival", outbound: ["203.0.113.10"]);
    }

    [Fact]
    public async Task A_thousand_dynos_cost_one_write_and_no_change_costs_none()
    {
        for (var i = 0; i < 1000; i++)
        {
            PutPod($"shop-web-{i}", $"10.{i / 256}.{i % 256}.7");
        }

        await _world.ReconcileCallersAsync();

        Assert.Equal(1000, (await AddressesAsync()).Count);
        Assert.Equal(2, _world.Api.Writes.Count);
        await _world.ReconcileCallersAsync();
        Assert.Equal(2, _world.Api.Writes.Count);
    }

    /// <summary>A thousand changes of other things must not cost a look at each pod of the cluster.</summary>
    [Fact]
    public void Addresses_are_collected_again_only_when_one_changed_hands()
    {
        var pods = new KnownPods();
        var addresses = DynoAddresses.In(pods);
        var first = addresses.Get();
        var pod = Pod("10.244.1.7");

        pods.Change(pod, pod with { IsReady = true, ResourceVersion = "2" });
        pods.Change(pod with { Phase = PodPhase.Succeeded }, null);
        Assert.Same(first, addresses.Get());

        foreach (var change in new[] { pod with { IP = "10.244.1.8" }, pod with { IsTerminating = true }, null })
        {
            var before = addresses.Get();
            pods.Change(pod, change);
            Assert.NotSame(before, addresses.Get());
        }
    }

    [Theory]
    [InlineData(Book)]
    [InlineData(ClusterBook.Name)]
    public async Task A_book_whose_name_is_taken_is_said_once_and_looked_at_again_soon(string name)
    {
        _world.Put(new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new() { Name = name, NamespaceProperty = "dynospace-system", Uid = "uid-other" },
        });
        PutPod("shop-web-1", "10.244.1.7");

        var result = await _world.ReconcileCallersAsync();

        Assert.Equal([Reasons.NameTaken.Name], _world.Events);
        Assert.Equal(TimeSpan.FromSeconds(10), result.RecheckAfter);
    }

    public static TheoryData<string, Action<V1Pod>, bool> Pods => new()
    {
        { "a dyno that runs", _ => { }, true },
        { "a dyno that starts", pod => pod.Status.Phase = "Pending", true },
        { "a dyno that is being ended", pod => pod.Metadata.DeletionTimestamp = DateTime.UnixEpoch, false },
        { "a dyno that ended", pod => pod.Status.Phase = "Failed", false },
        { "a dyno without an address", pod => pod.Status = new() { Phase = "Running" }, false },
        { "a pod in its node's network", pod => pod.Spec.HostNetwork = true, false },
        { "a pod that is not a dyno", pod => pod.Metadata.Labels = null, false },
        { "a dyno of another space", pod => pod.Metadata.NamespaceProperty = "acme", false },
    };

    [Theory]
    [MemberData(nameof(Pods))]
    public async Task An_address_is_published_while_a_dyno_holds_it(string what, Action<V1Pod> change, bool isThere)
    {
        PutPod("shop-web-1", "10.244.1.7", change);

        await _world.ReconcileCallersAsync();

        Assert.True(isThere == (await AddressesAsync()).Contains("10.244.1.7"), what);
    }

    /// <summary>Its node gives it away only after the pod is on its way out, and that shows before.</summary>
    [Fact]
    public async Task An_address_goes_when_its_dyno_is_on_its_way_out()
    {
        PutPod("shop-web-1", "10.244.1.7");
        PutPod("shop-web-2", "10.244.1.8");
        await _world.ReconcileCallersAsync();

        PutPod("shop-web-1", "10.244.1.7", pod => pod.Metadata.DeletionTimestamp = DateTime.UnixEpoch);
        await _world.ReconcileCallersAsync();

        Assert.Equal(["10.244.1.8"], await AddressesAsync());
    }

    [Fact]
    public async Task An_address_that_two_pods_have_is_nobodys()
    {
        PutPod("shop-web-1", "10.244.1.7");
        PutPod("stranger", "10.244.1.7", pod =>
        {
            pod.Metadata.NamespaceProperty = "default";
            pod.Metadata.Labels = null;
        });

        await _world.ReconcileCallersAsync();

        Assert.Empty(await AddressesAsync());
    }

    [Fact]
    public async Task A_book_goes_with_the_trust()
    {
        PutPod("shop-web-1", "10.244.1.7");
        await _world.ReconcileCallersAsync();
        Assert.NotNull(_world.Api.Live(Kinds.ConfigMap, BookKey));

        PutSpace("vault", trusted: ["192.0.2.0/24"]);
        await _world.ReconcileCallersAsync();

        Assert.Null(_world.Api.Live(Kinds.ConfigMap, BookKey));
        Assert.NotNull(_world.Api.Live(Kinds.ConfigMap, BookKey with { Name = ClusterBook.Name }));
    }

    [Fact]
    public async Task An_operator_without_a_lease_renews_the_books()
    {
        PutPod("shop-web-1", "10.244.1.7");
        var result = await _world.ReconcileCallersAsync(isAlone: true);
        var first = (await ReadAsync())!.RenewedAt;

        ((FakeTimeProvider)_world.Clock).Advance(TimeSpan.FromSeconds(5));
        await _world.ReconcileCallersAsync(isAlone: true);

        Assert.Equal(ReconcileResult.After(TimeSpan.FromSeconds(5)), result);
        Assert.Equal(TimeSpan.FromSeconds(5), (await ReadAsync())!.RenewedAt - first);
    }

    [Fact]
    public async Task A_refused_book_is_tried_again_and_said_once()
    {
        PutPod("shop-web-1", "10.244.1.7");
        _world.Api.RefuseWrites(Book);

        await Assert.ThrowsAsync<RetryableReconcileException>(() => _world.ReconcileCallersAsync());

        Assert.Equal(["ApplyFailed"], _world.Events);
    }

    [Theory]
    [InlineData("10.244.1.7", "10.244.1.7", false, false)]
    [InlineData(null, "10.244.1.7", false, true)]
    [InlineData("10.244.1.7", "10.244.1.8", false, true)]
    [InlineData("10.244.1.7", "10.244.1.7", true, true)]
    [InlineData("10.244.1.7", null, false, true)]
    public void A_change_of_an_address_wakes(string? before, string? after, bool isTerminating, bool wakes)
    {
        var space = new Space { Spec = new() { OutboundIPs = ["203.0.113.10"] } };

        var keys = new CallerTriggers(() => [space], new PlatformOptions())
            .OnPod(Pod(before), Pod(after) with { IsTerminating = isTerminating });

        Assert.Equal(wakes, keys.Any());
        Assert.Empty(new CallerTriggers(() => [], new PlatformOptions()).OnPod(Pod(before), Pod(after)));
    }

    private static PodFacts Pod(string? address) =>
        new() { Namespace = "rival", Name = "shop-web-1", Uid = "u", Dyno = "shop.web.1", IP = address };

    private void PutSpace(string name, string[]? trusted = null, string[]? outbound = null) => _world.Put(new Space
    {
        Metadata = new() { Name = name, Generation = 1, Uid = $"uid-{name}" },
        Spec = new()
        {
            Runtime = SpaceRuntime.Private,
            Region = "oregon",
            TrustedIPRanges = trusted,
            OutboundIPs = outbound,
        },
    });

    private void PutPod(string name, string address, Action<V1Pod>? change = null)
    {
        var pod = new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = "rival",
                Uid = $"uid-{name}",
                Labels = new Dictionary<string, string> { [Labels.Dyno] = name },
            },
            Spec = new() { Containers = [new() { Name = "web" }] },
            Status = new() { Phase = "Running", PodIP = address, PodIPs = [new() { Ip = address }] },
        };
        change?.Invoke(pod);
        _world.Put(pod);
    }

    private async Task<List<string>> AddressesAsync() =>
        [.. (await ReadAsync())?.Spaces.SelectMany(space => space.Addresses) ?? []];

    private async Task<CallerBook?> ReadAsync() =>
        _world.Api.Live(Kinds.ConfigMap, BookKey) is null
            ? null
            : CallerBook.FromConfigMap(
                JsonObjects.To<V1ConfigMap>(
                    await _world.Api.Transport.GetAsync(
                        Kinds.ConfigMap, BookKey, TestContext.Current.CancellationToken)));

    /// <summary>An informer whose changes a test makes.</summary>
    private sealed class KnownPods : IInformer<PodFacts>
    {
        private readonly List<Action<ObjectChange<PodFacts>>> _handlers = [];

        public ResourceKind Kind => Kinds.Pod;

        public bool HasSynced => true;

        public bool IsServed => true;

        public IStore<PodFacts> Store { get; } = new NoPods();

        public void Change(PodFacts? before, PodFacts? after) =>
            _handlers.ForEach(handler => handler(new(new("rival", "shop-web-1"), before, after)));

        public void AddHandler(Action<ObjectChange<PodFacts>> handler) => _handlers.Add(handler);

        public void AddServedHandler(Action handler)
        {
        }

        public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task RunAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class NoPods : IStore<PodFacts>
    {
        public bool HasSynced => true;

        public int Count => 0;

        public PodFacts? Get(ObjectKey key) => null;

        public IReadOnlyCollection<PodFacts> List() => [];

        public IReadOnlyCollection<PodFacts> ByIndex(string indexName, string indexKey) => [];
    }
}
