using System.Runtime.InteropServices;
using Dynospace.Cli.Display;
using Dynospace.Cli.Manifests;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Dev;

/// <summary>
/// The time between start and stop: operator, watches, routers and applying in the background, the view in front.
/// </summary>
internal sealed class DevRun(
    DevOptions options,
    CliEnvironment environment,
    Place place,
    PlatformWatch watch,
    IDevRouters routers,
    ManifestApplier applier,
    IReadOnlyList<Manifest> manifests)
{
    private readonly DevView _view = new(options, environment, place, watch, routers, applier, manifests);

    public async Task<int> RunAsync(Func<CancellationToken, Task> runOperator, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var resized = WatchTerminalSize();
        Task[] background =
        [
            RunOperatorAsync(runOperator, stop.Token),
            watch.RunAsync(stop.Token),
            routers.RunAsync(stop.Token),
            ApplyAsync(stop.Token),
        ];
        var shown = _view.RunAsync(stop.Token);
        try
        {
            await await Task.WhenAny(shown, FirstFailureAsync(background));
            return 0;
        }
        finally
        {
            await stop.CancelAsync();
            // What failed is on its way to the person; the others end by being cancelled, the screen by giving the
            // terminal back.
            await Task.WhenAll([.. background, shown]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await applier.ApplyAsync(manifests, cancellationToken);
        _view.MarkApplied();
    }

    private async Task RunOperatorAsync(Func<CancellationToken, Task> runOperator, CancellationToken cancellationToken)
    {
        try
        {
            await runOperator(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new CliException(
                $"the operator ended: {e.Message.ReplaceLineEndings(" ")} Its log, {place.LogFile}, says more.", e);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new CliException($"the operator ended by itself; its log, {place.LogFile}, says more.");
    }

    /// <summary>Ends only by the failure of one of the tasks, or when they are cancelled.</summary>
    private static async Task FirstFailureAsync(IEnumerable<Task> tasks)
    {
        await foreach (var ended in Task.WhenEach(tasks))
        {
            await ended;
        }
    }

    private PosixSignalRegistration? WatchTerminalSize() => OperatingSystem.IsWindows() || options.Plain
        ? null
        : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => watch.Nudge());
}
