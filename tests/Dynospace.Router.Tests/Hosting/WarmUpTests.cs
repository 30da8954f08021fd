using System.Diagnostics.Metrics;
using Dynospace.Router.Hosting;
using Dynospace.Router.Metrics;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Hosting;

public sealed class WarmUpTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_request_is_answered()
    {
        var cycles = 0;

        await WarmUp.ServeAsync(TimeProvider.System, () => ++cycles < 2, Token).Soon();

        Assert.Equal(2, cycles);
    }

    [Fact]
    public async Task A_start_that_is_given_up_does_not_wait_for_it()
    {
        using var given = new CancellationTokenSource();
        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => WarmUp.ServeAsync(TimeProvider.System, () => true, given.Token)).Soon();
    }

    [Fact]
    public void Requests_of_a_server_that_is_not_measured_have_no_meter()
    {
        using var metrics = new RouterMetrics(isPublished: false);
        using var meter = new Meter(RouterMetrics.MeterName);

        Assert.False(metrics.Owns(meter.CreateCounter<long>("any")));
        Assert.Equal(1, metrics.Begin());
        metrics.End(null, 200);
    }
}
