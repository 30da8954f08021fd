using Dynospace.Runtime.Events;
using Dynospace.Runtime.Leadership;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Runtime.Tests.Servers;

/// <summary>That leases and events are as the server wants them.</summary>
public abstract class LeadershipAndEventServerTests(IServerUnderTest server)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_is_taken_renewed_released_and_taken_by_the_next()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        foreach (var identity in new[] { "first", "second" })
        {
            await Leadership(fixture, identity).RunAsync(
                async _ =>
                {
                    var lease = await fixture.Client.CoordinationV1.ReadNamespacedLeaseAsync(
                        "op", fixture.Namespace, cancellationToken: Cancelled);
                    Assert.Equal(identity, lease.Spec.HolderIdentity);
                    while (lease.Spec.RenewTime == lease.Spec.AcquireTime)
                    {
                        await Task.Delay(20, Cancelled);
                        lease = await fixture.Client.CoordinationV1.ReadNamespacedLeaseAsync(
                            "op", fixture.Namespace, cancellationToken: Cancelled);
                    }
                },
                Cancelled);
            var released = await fixture.Client.CoordinationV1.ReadNamespacedLeaseAsync(
                "op", fixture.Namespace, cancellationToken: Cancelled);
            Assert.Null(released.Spec.HolderIdentity);
        }
    }

    [Fact]
    public async Task Event_is_found_as_kubectl_looks_for_it_and_counts_its_repeats()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var recorder = new EventRecorder(
            fixture.Transport,
            new EventRecorderOptions { Component = "runtime-test", Instance = "one" },
            TimeProvider.System,
            NullLogger<EventRecorder>.Instance);
        var running = recorder.RunAsync(stop.Token);
        recorder.Record(fixture.Owner, EventType.Warning, "Tested", "It was tested.");
        await FindAsync(fixture, count: 1);
        recorder.Record(fixture.Owner, EventType.Warning, "Tested", "It was tested.");
        var found = await FindAsync(fixture, count: 2);
        Assert.Equal(
            ("Warning", "Tested", "It was tested.", "runtime-test"),
            (found.Type, found.Reason, found.Message, found.Source.Component));
        await stop.CancelAsync();
        await running;
    }

    private static async Task<Corev1Event> FindAsync(ServerFixture fixture, int count)
    {
        while (true)
        {
            var events = await fixture.Client.CoreV1.ListNamespacedEventAsync(
                fixture.Namespace,
                fieldSelector: $"involvedObject.name=owner,involvedObject.namespace={fixture.Namespace},involvedObject.kind=ConfigMap,involvedObject.uid={fixture.Owner.Uid}",
                cancellationToken: Cancelled);
            if (events.Items.SingleOrDefault() is { } found && found.Count == count)
            {
                return found;
            }

            await Task.Delay(20, Cancelled);
        }
    }

    private static LeaseLeadership Leadership(ServerFixture fixture, string identity) => new(
        fixture.Client,
        new LeadershipOptions
        {
            Namespace = fixture.Namespace,
            Name = "op",
            Identity = identity,
            LeaseDuration = TimeSpan.FromSeconds(15),
            RetryPeriod = TimeSpan.FromMilliseconds(100),
        },
        TimeProvider.System,
        NullLogger<LeaseLeadership>.Instance);
}
