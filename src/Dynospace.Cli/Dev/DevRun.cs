using Dynospace.Cli.Display;
using Dynospace.Cli.Manifests;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;

namespace Dynospace.Cli.Dev;

/// <summary>The time between start and stop: operator, watches and applying in the background, the screen in front.</summary>
internal sealed class DevRun(
    DevOptions options, CliEnvironment environment, Place place, PlatformWatch watch, DevRouters routers, ManifestApplier applier, IReadOnlyList<Manifest> manifests)
{
    /// <summary>Often enough to look alive, seldom enough to read.</summary>
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(50);

    /// <summary>What no watch tells is seen after this long.</summary>
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(2);

    private readonly long _started = environment.Clock.GetTimestamp();

    private readonly List<(RowKind Kind, ObjectKey Key)> _expected =
    [
        .. manifests.Where(manifest => manifest.ApiVersion.StartsWith(Api.DynospaceGroup.Name + "/", StringComparison.Ordinal))
            .Select(manifest => (Enum.Parse<RowKind>(manifest.Kind), manifest.Kind == nameof(RowKind.Space) ? manifest.Key with { Namespace = null } : manifest.Key with { Namespace = manifest.Key.Namespace ?? "default" })),
    ];

    private volatile bool _isApplied;
    private TimeSpan? _readyAfter;

    public async Task<int> RunAsync(Func<CancellationToken, Task> runOperator, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var resized = WatchTerminalSize();
        Task[] background = [RunOperatorAsync(runOperator, stop.Token), watch.RunAsync(stop.Token), routers.RunAsync(stop.Token), ApplyAsync(stop.Token)];
        var shown = ShowAsync(stop.Token);
        try
        {
            await await Task.WhenAny(shown, FirstFailureAsync(background));
            return 0;
        }
        finally
        {
            await stop.CancelAsync();
            // What failed is on its way to the person; the others end by being cancelled, the screen by giving the terminal back.
            await Task.WhenAll([.. background, shown]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> problems;
        using (var screen = CreateScreen())
        {
            problems = await ShowUntilDoneAsync(screen, cancellationToken);
        }

        var console = Consoles.Create(environment);
        var table = new TableRenderer(Consoles.GlyphsOf(console)).Render(PlatformTree.Build(watch.Current), console.Profile.Width, int.MaxValue);
        environment.Out.WriteLine();
        foreach (var line in Consoles.Lines(console, table))
        {
            environment.Out.WriteLine(line);
        }

        if (options.Once && problems.Count == 0)
        {
            environment.Out.WriteLine("Every app with web dynos answered through its router.");
        }

        if (problems.Count > 0)
        {
            var list = string.Join(Environment.NewLine + "  ", problems.Select(problem => problem.ReplaceLineEndings(" ")));
            throw new CliException($"not ready after {options.Timeout.TotalSeconds:0.#} s; wait longer with --timeout, or look into {place.LogFile}:{Environment.NewLine}  {list}");
        }
    }

    /// <summary>Only <c>--once</c> is ever done; what is not ready when its time is over comes back.</summary>
    private async Task<IReadOnlyList<string>> ShowUntilDoneAsync(IScreen screen, CancellationToken cancellationToken)
    {
        var isQuiet = false;
        while (true)
        {
            var state = watch.Current;
            var tree = PlatformTree.Build(state);
            var addresses = routers.Addresses;
            var web = new WebView(addresses, WebTargets.Of(state, addresses));
            var problems = Problems(tree);
            if (options.Once && problems.Count == 0)
            {
                problems = [.. WebTargets.Missing(state, addresses), .. await RouteProbe.ProblemsAsync(web.Targets, cancellationToken)];
            }

            if (problems.Count == 0)
            {
                _readyAfter ??= environment.Clock.GetElapsedTime(_started);
            }

            screen.Show(new Frame(place, tree, applier.Waiting, web, _readyAfter));
            if (options.Once && IsDone(problems.Count == 0, isQuiet))
            {
                return problems;
            }

            var patience = options.Once && problems.Count == 0 ? Settling : LongestQuiet;
            isQuiet = !await watch.WaitForChangeAsync(patience, environment.Clock, cancellationToken);
            await Task.Delay(FrameTime, environment.Clock, cancellationToken);
        }
    }

    /// <summary>Ready alone would show numbers that are just about to follow, such as a space's count of dynos.</summary>
    private bool IsDone(bool isReady, bool isQuiet)
    {
        var elapsed = environment.Clock.GetElapsedTime(_started);
        return elapsed > options.Timeout || (isReady && (isQuiet || elapsed > _readyAfter + LongestSettling));
    }

    private IReadOnlyList<string> Problems(IReadOnlyList<SpaceNode> tree)
    {
        var notReady = Readiness.NotReady(tree, _isApplied ? _expected : []);
        return _isApplied && watch.HasSynced ? notReady : [.. applier.Waiting.DefaultIfEmpty("objects are being applied"), .. notReady];
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await applier.ApplyAsync(manifests, cancellationToken);
        _isApplied = true;
        watch.Nudge();
    }

    private async Task RunOperatorAsync(Func<CancellationToken, Task> runOperator, CancellationToken cancellationToken)
    {
        try
        {
            await runOperator(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new CliException($"the operator ended: {e.Message.ReplaceLineEndings(" ")} Its log, {place.LogFile}, says more.", e);
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

    private IScreen CreateScreen() => options.Plain || options.Once
        ? new PlainScreen(environment.Out, place, environment.Clock)
        : new LiveScreen(Consoles.Create(environment), environment.Out);

    private System.Runtime.InteropServices.PosixSignalRegistration? WatchTerminalSize() => OperatingSystem.IsWindows() || options.Plain
        ? null
        : System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGWINCH, _ => watch.Nudge());
}
