using Dynospace.Controllers.Tests.Support;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Dynos;

/// <summary>What time alone changes is looked at again.</summary>
public sealed class DynoRecheckTests
{
    private const string Dyno = "shop.worker.1";

    private readonly PassingClock _clock = new();
    private readonly ReconcileWorld _world;

    public DynoRecheckTests() => _world = new() { Clock = _clock };

    [Fact]
    public async Task A_process_that_comes_to_count_as_up_while_its_status_is_written_is_looked_at_again()
    {
        _world.Put(ReconcileWorld.App("shop", ("worker", 1)));
        await _world.ReconcileAppAsync();
        await _world.ReconcileDynoAsync(Dyno);
        var name = _world.Api.Details.Last(write => write.Reference.Kind.Kind == V1Pod.KubeKind).Reference.Key.Name;
        var pod = await _world.GetAsync<V1Pod>(name);
        pod.Status = Running(_clock.Now);
        _world.Put(pod);

        // Half a second short of up when the status is planned, a second later when it is written.
        _clock.Now += _world.Options.Dynos.MinimumUpTime - TimeSpan.FromSeconds(0.5);
        _clock.Step = TimeSpan.FromSeconds(1);
        var result = await _world.ReconcileDynoAsync(Dyno);

        Assert.Equal("Starting", (await _world.GetAsync<Api.Dynos.Dyno>(Dyno)).Status?.State.ToString());
        Assert.NotNull(result.RecheckAfter);
        Assert.InRange(result.RecheckAfter.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
    }

    private static V1PodStatus Running(DateTimeOffset started) => new()
    {
        Phase = "Running",
        Conditions = [new() { Type = "Ready", Status = "True" }],
        ContainerStatuses =
        [
            new()
            {
                Name = "dyno",
                Ready = true,
                Started = true,
                Image = "x",
                ImageID = "x",
                State = new() { Running = new() { StartedAt = started.UtcDateTime } },
            },
        ],
    };

    /// <summary>A clock that goes on by a step each time it is read.</summary>
    private sealed class PassingClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public TimeSpan Step { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            var now = Now;
            Now += Step;
            return now;
        }
    }
}
