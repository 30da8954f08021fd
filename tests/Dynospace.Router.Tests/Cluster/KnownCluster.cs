using System.Net;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Router.Cluster;
using Dynospace.Router.Routing;
using Dynospace.Runtime;

namespace Dynospace.Router.Tests.Cluster;

/// <summary>A cluster as a test says it is.</summary>
internal sealed class KnownCluster : IClusterView
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public List<Space> SpaceList { get; } = [];

    public Dictionary<ObjectKey, AppFacts> AppList { get; } = [];

    public List<SliceFacts> Slices { get; } = [];

    public List<DynoFacts> Dynos { get; } = [];

    /// <summary>Apps that were asked for, since the rebuilding of one must not look at another.</summary>
    public List<ObjectKey> Asked { get; } = [];

    public IReadOnlyCollection<Space> Spaces => SpaceList;

    public Callers Callers { get; set; } = Callers.NotJudged;

    public IReadOnlyCollection<AppFacts> Apps => AppList.Values;

    public AppFacts? App(ObjectKey key)
    {
        Asked.Add(key);
        return AppList.GetValueOrDefault(key);
    }

    public IReadOnlyCollection<SliceFacts> SlicesOf(ObjectKey app) => [.. Slices.Where(slice => slice.Service == app)];

    public IReadOnlyCollection<DynoFacts> DynosOf(ObjectKey app) => [.. Dynos.Where(dyno => dyno.App == app)];

    public KnownCluster WithSpace(
        string name, SpaceRuntime runtime = SpaceRuntime.Common, IList<string>? ranges = null,
        RouterSpec? router = null)
    {
        SpaceList.RemoveAll(space => space.Metadata.Name == name);
        SpaceList.Add(new Space
        {
            Metadata = new() { Name = name },
            Spec = new() { Runtime = runtime, Region = "oregon", TrustedIPRanges = ranges, Router = router },
        });
        return this;
    }

    public KnownCluster WithApp(
        string space, string name, Func<AppFacts, AppFacts>? change = null, int age = 0, string[]? hosts = null)
    {
        var app = new AppFacts
        {
            Key = new ObjectKey(space, name),
            Hosts = hosts ?? [$"{name}.{space}.apps.example"],
            Seniority = new HostSeniority(IsDeleting: false, new(Start.AddDays(-age), $"uid-{space}-{name}")),
            WebQuantity = 1,
            IsReleased = true,
        };
        AppList[app.Key] = change is null ? app : change(app);
        return this;
    }

    public KnownCluster WithSlice(string space, string app, params (string Pod, string Address)[] pods)
    {
        Slices.Add(new SliceFacts(
            new ObjectKey(space, app), [5000],
            [.. pods.Select(pod => new SliceEndpoint(pod.Pod, IPAddress.Parse(pod.Address)))]));
        return this;
    }

    public KnownCluster WithDyno(string space, string app, DynoState? state)
    {
        Dynos.Add(new DynoFacts(new ObjectKey(space, app), state));
        return this;
    }
}
