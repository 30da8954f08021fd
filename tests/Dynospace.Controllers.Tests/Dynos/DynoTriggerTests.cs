using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Dynos;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Dynos;

/// <summary>Every trigger of Dynos: what a change was, and whom it wakes.</summary>
public sealed class DynoTriggerTests
{
    private static readonly ObjectKey[] OfShop = [new("acme", "shop.web.1"), new("acme", "shop.run.1")];

    private static readonly ObjectKey[] OfSpace = [.. OfShop, new("acme", "jobs.worker.1")];

    private static readonly DynoTriggers Triggers = new(
        new KnownStore<Dyno>(
            [
                Dyno("acme", "shop", "web"),
                Dyno("acme", "shop", "run"),
                Dyno("acme", "jobs", "worker"),
                Dyno("beta", "shop", "web"),
            ],
            (Indexes.Namespace, dyno => [dyno.Metadata.NamespaceProperty]),
            (Indexes.App, dyno => [$"{dyno.Metadata.NamespaceProperty}/{dyno.Spec.App}"])),
        new PlatformOptions());

    public static TheoryData<string, PodFacts?, PodFacts?, bool> PodChanges => new()
    {
        { "created", null, Pod(), false },
        { "ready", Pod(), Pod() with { IsReady = true }, false },
        { "crashed", Pod(), Pod() with { Container = new() { HasEnded = true } }, false },
        { "ended", Pod(), Pod() with { Phase = PodPhase.Failed }, true },
        { "deletion begins", Pod(), Pod() with { IsTerminating = true }, true },
        { "deleted", Pod(), null, true },
    };

    [Theory]
    [MemberData(nameof(PodChanges))]
    public void A_pod_that_may_need_a_successor_wakes_its_dyno_at_once(
        string what, PodFacts? before, PodFacts? after, bool isAtOnce)
    {
        ObjectKey[] dyno = [new("acme", "shop.web.1")];

        Assert.NotEmpty(what);
        Assert.Equal(isAtOnce ? dyno : [], DynoTriggers.OnPod(before, after));
        Assert.Equal(isAtOnce ? [] : dyno, DynoTriggers.OnPodStatus(before, after));
    }

    [Theory]
    [InlineData(null, "172.24.0.0/23", true)]
    [InlineData("172.24.0.0/23", null, true)]
    [InlineData("172.24.0.0/23", "172.26.0.0/23", true)]
    [InlineData("172.24.0.0/23", "172.24.0.0/23", false)]
    [InlineData(null, null, false)]
    public void Another_block_of_a_node_wakes_its_dynos(string? before, string? after, bool isWoken)
    {
        PodFacts[] pods = [Pod() with { Node = "node-1" }, Pod() with { Node = "node-2", Dyno = "shop.web.2" }];

        var woken = DynoTriggers.OnBlock(new("node-1", before), new("node-1", after), () => pods);

        Assert.Equal(isWoken ? [new("acme", "shop.web.1")] : [], woken);
    }

    [Fact]
    public void A_pod_that_is_not_a_dyno_wakes_none()
    {
        var pod = Pod() with { Dyno = null };

        Assert.Empty(DynoTriggers.OnPod(pod, null));
        Assert.Empty(DynoTriggers.OnPodStatus(null, pod));
    }

    public static TheoryData<string, App?, App?, bool> AppChanges => new()
    {
        { "created", null, App(), true },
        { "deleted", App(), null, true },
        { "the first release goes out", App(), App(release: 1), true },
        { "the next release goes out", App(release: 1), App(release: 2), false },
        { "the same", App(release: 1), App(release: 1), false },
    };

    [Theory]
    [MemberData(nameof(AppChanges))]
    public void An_app_wakes_its_dynos_when_it_comes_goes_or_has_its_first_release(
        string what, App? before, App? after, bool isMaterial)
    {
        Assert.NotEmpty(what);
        Assert.Equal(isMaterial ? OfShop : [], Triggers.OnApp(before, after));
    }

    [Fact]
    public void A_stored_release_wakes_its_apps_dynos_when_it_comes_or_goes()
    {
        var live = LiveObject.FromObject(
            Kinds.ControllerRevision,
            new V1ControllerRevision
            {
                Metadata = new() { Name = "shop-r1", NamespaceProperty = "acme", Uid = "u", ResourceVersion = "1" },
            });
        var release = new StoredRelease(new ObjectKey("acme", "shop"), live, null);

        Assert.Equal(OfShop, Triggers.OnRelease(null, release));
        Assert.Equal(OfShop, Triggers.OnRelease(release, null));
        Assert.Empty(Triggers.OnRelease(release, release));
    }

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    public void A_space_wakes_its_dynos_when_they_may_start(bool before, bool after, bool isMaterial) =>
        Assert.Equal(isMaterial ? OfSpace : [], Triggers.OnSpace(Space(before), Space(after)));

    [Theory]
    [InlineData(null, "acme", true)]
    [InlineData("acme", "acme", false)]
    public void A_namespace_wakes_its_dynos_when_its_space_changes(string? before, string? after, bool isMaterial) =>
        Assert.Equal(isMaterial ? OfSpace : [], Triggers.OnNamespace(Namespace(before), Namespace(after)));

    private static Dyno Dyno(string ns, string app, string type) => new()
    {
        Metadata = new() { Name = $"{app}.{type}.1", NamespaceProperty = ns },
        Spec = new() { App = app, ProcessType = type, Index = 1 },
    };

    private static App App(long? release = null) => new()
    {
        Metadata = new() { Name = "shop", NamespaceProperty = "acme" },
        Status = new() { Release = release },
    };

    private static Space Space(bool isIsolated) => new()
    {
        Metadata = new() { Name = "acme" },
        Status = new()
        {
            Conditions = isIsolated ? [new() { Type = ConditionTypes.NetworkIsolated, Status = "True" }] : null,
        },
    };

    private static V1Namespace Namespace(string? space) => new()
    {
        Metadata = new()
        {
            Name = "acme",
            Labels = space is null ? null : new Dictionary<string, string> { [Labels.Space] = space },
        },
    };

    private static PodFacts Pod() =>
        new() { Namespace = "acme", Name = "shop-web-1-a", Uid = "u", Dyno = "shop.web.1", Phase = PodPhase.Running };
}
