using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Egress;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Egress;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynospace.Controllers.Tests.Egress;

/// <summary>When the ways out are looked at again though nothing that is watched has changed.</summary>
public sealed class EgressReconcilerTests
{
    private const string Address = "203.0.113.10";

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Now);
    private ObservedCluster _cluster;

    public EgressReconcilerTests() => _cluster = With(EgressProvider.Builtin);

    [Fact]
    public async Task A_record_of_a_missing_space_is_looked_at_when_it_becomes_free()
    {
        PutSpace();
        Put(new EgressGrant(Address, "gone", 1), vacantSince: Now.AddMinutes(-1));

        var waiting = await ReconcileAsync();
        _clock.Advance(TimeSpan.FromMinutes(9));
        var free = await ReconcileAsync();

        Assert.Equal(TimeSpan.FromMinutes(9), waiting.RecheckAfter);
        Assert.Null(free.RecheckAfter);
        Assert.Contains(
            _cluster.Server.Writes, write => write.StartsWith("create ConfigMap", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_object_of_a_provider_into_which_another_program_writes_again_is_corrected_after_a_pause()
    {
        _cluster = With(EgressProvider.Cilium);
        PutSpace();
        Put(new EgressGrant(Address, "acme", 1));
        var settled = await ReconcileAsync();
        var made = _cluster.Server.Details.First(write => write.Reference.Kind.Kind == "CiliumEgressGatewayPolicy")
            .Reference;
        Assert.Null(settled.RecheckAfter);

        ForeignWrites.Add(_cluster.Server, made, "excludedCIDRs", new JsonArray("192.0.2.0/24"));
        await ReconcileAsync();
        ForeignWrites.Add(_cluster.Server, made, "excludedCIDRs", new JsonArray("192.0.2.0/24"));
        var waiting = await ReconcileAsync();

        Assert.InRange(waiting.RecheckAfter ?? TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5));
    }

    private ObservedCluster With(EgressProvider provider) => new(_clock)
    {
        Options = new() { Egress = new() { Provider = provider } },
    };

    private void PutSpace()
    {
        var space = ObservedCluster.Space();
        space.Spec.OutboundIPs = [Address];
        _cluster.Put(space);
    }

    private void Put(EgressGrant grant, DateTimeOffset? vacantSince = null)
    {
        var map = grant.ToConfigMap(_cluster.Options.Cluster.SystemNamespace);
        map.Metadata.Uid = $"uid-{grant.Space}";
        if (vacantSince is { } since)
        {
            map.Metadata.Annotations = new Dictionary<string, string>
            {
                [Annotations.VacantSince] = since.ToString("O", CultureInfo.InvariantCulture),
            };
        }

        _cluster.Put(map);
    }

    private async Task<ReconcileResult> ReconcileAsync()
    {
        var caches = await _cluster.CachesAsync();
        var cluster = new ClusterObserver(caches, _cluster.Options);
        var observer = new EgressObserver(caches, cluster, _cluster.Options);
        _cluster.Server.Forget();
        return await new EgressReconciler(
            caches,
            observer,
            new EgressGrants(caches, observer, _cluster.Server.Transport, _cluster.Options, _clock),
            new ChildApplier(caches, _cluster.Server.Applier),
            _cluster.Server.Applier,
            new Silent(),
            _cluster.Options,
            _clock).ReconcileAsync(ObjectKey.ClusterScoped("egress"), TestContext.Current.CancellationToken);
    }

    private sealed class Silent : IEventRecorder
    {
        public void Record(OwnerIdentity regarding, EventType type, string reason, string message)
        {
        }
    }
}
