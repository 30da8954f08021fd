using System.Threading.Channels;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;
using Xunit;

namespace Dynospace.Cli.Tests.Dev;

/// <summary>What ends the wait of <see cref="DevRouters"/> between two looks at the cluster.</summary>
public sealed class DevRoutersTests
{
    private static readonly Task Serving = new TaskCompletionSource().Task;

    private readonly Channel<bool> _changes = Channel.CreateUnbounded<bool>();

    [Fact]
    public async Task A_change_is_taken_once()
    {
        _changes.Writer.TryWrite(true);
        await WaitAsync(CancellationToken.None, Serving);
        Assert.False(_changes.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_router_that_fails_fails_the_session() =>
        await Assert.ThrowsAsync<IOException>(
            () => WaitAsync(CancellationToken.None, Serving, Task.FromException(new IOException("taken"))));

    [Fact]
    public async Task A_router_that_ends_by_itself_is_a_failure() =>
        Assert.Contains(
            "ended by itself",
            (await Assert.ThrowsAsync<CliException>(
                () => WaitAsync(CancellationToken.None, Serving, Task.CompletedTask))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task Routers_that_end_during_shutdown_are_not_reported()
    {
        using var stop = new CancellationTokenSource();
        var router = new TaskCompletionSource();
        var waiting = WaitAsync(stop.Token, Serving, router.Task);
        // Called before what was registered earlier, so the router ends before the wait is cancelled.
        await using var ending = stop.Token.Register(router.SetResult);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Nothing_is_news_once_all_is_stopped()
    {
        _changes.Writer.TryWrite(true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => WaitAsync(new CancellationToken(canceled: true), Task.CompletedTask));
    }

    private Task WaitAsync(CancellationToken cancellationToken, params Task[] running) =>
        DevRouters.WaitForNewsAsync(_changes.Reader, running, cancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
}
