using Dynospace.Router.Frontend;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class DrainTests
{
    [Fact]
    [Conformance(
        "Draining", "readiness goes first; listening goes on for the lead, and answers close their connections")]
    public async Task Listening_goes_on_after_readiness()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        Assert.True(router.Server.IsReady);

        var drained = router.Server.DrainAsync(CancellationToken.None);

        Assert.False(router.Server.IsReady);
        var response = await router.GetAsync();
        Assert.Equal((200, "close"), (response!.Status, response.Header("Connection")));
        await router.PassTimeUntilAsync(drained);
    }

    [Fact]
    [Conformance("Draining", "then requests in flight end and no connection is taken")]
    public async Task Requests_in_flight_end()
    {
        var begun = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            begun.SetResult();
            await goOn.Task;
            await connection.RespondAsync("done");
        });
        await using var router = await StartAsync(dyno);
        var inFlight = router.GetAsync();
        await begun.Task.Soon();
        using var idle = await router.ConnectAsync();

        var drained = router.Server.DrainAsync(CancellationToken.None);
        // Kestrel has stopped listening by the time it closes idle connections.
        Assert.Equal("", await idle.RestAsync());
        await Assert.ThrowsAnyAsync<Exception>(router.ConnectAsync);
        goOn.SetResult();

        Assert.Equal("done", (await inFlight)!.Body);
        await drained.Soon();
    }

    [Fact]
    [Conformance("Codes", "H24 forced close: a request outlasts the draining", "503")]
    public async Task A_request_that_does_not_end_is_H24()
    {
        var begun = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            begun.SetResult();
        });
        await using var router = await StartAsync(dyno);
        router.Configure(settings => settings with { FirstByteTimeout = TimeSpan.FromDays(1) });
        var inFlight = router.GetAsync();
        await begun.Task.Soon();

        var drained = router.Server.DrainAsync(CancellationToken.None);
        Assert.True(await router.PassTimeUntilAsync(inFlight) >= TimeSpan.FromSeconds(30));

        Assert.Equal(503, (await inFlight)!.Status);
        Assert.StartsWith(
            "at=error code=H24 desc=\"Forced close\"", await router.Log.NextAsync(), StringComparison.Ordinal);
        await drained.Soon();
    }

    [Fact]
    [Conformance("Draining", "HTTP/2 connections are asked to go away", "GOAWAY")]
    public async Task Http2_goes_away()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await StartAsync(dyno);
        using var client = await Http2Wire.ConnectAsync(router);
        Assert.Equal(200, await client.StatusOfAsync(1, Http2Wire.Get()));

        var drained = router.Server.DrainAsync(CancellationToken.None);

        Assert.True(await client.WaitForGoAwayAsync());
        await router.PassTimeUntilAsync(drained);
    }

    private static async Task<TestRouter> StartAsync(ScriptedDyno dyno)
    {
        var router = await TestRouter.StartAsync(new RouterServerOptions { DrainLead = TimeSpan.Zero });
        router.Publish(dyno);
        return router;
    }
}
