using Dynospace.Cli.Display;
using Dynospace.Cli.Manifests;
using Dynospace.Cli.Platform;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;

namespace Dynospace.Cli.Dev;

/// <summary>Shows a run to the user, and with <c>--once</c> decides when it is over.</summary>
internal sealed class DevView(
    DevOptions options,
    CliEnvironment environment,
    Place place,
    PlatformWatch watch,
    IDevRouters routers,
    ManifestApplier applier,
    IReadOnlyList<Manifest> manifests)
{
    /// <summary>Fast enough to look live, slow enough to read.</summary>
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(50);

    /// <summary>The delay after which changes that no watch reports are noticed.</summary>
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(2);

    private readonly long _started = environment.Clock.GetTimestamp();

    private readonly List<(RowKind Kind, ObjectKey Key)> _expected =
    [
        .. manifests.Where(
            manifest => manifest.ApiVersion.StartsWith(Api.DynospaceGroup.Name + "/", StringComparison.Ordinal))
            .Select(manifest => (Enum.Parse<RowKind>(manifest.Kind), KeyOf(manifest))),
    ];

    private volatile bool _isApplied;
    private TimeSpan? _readyAfter;

    /// <summary>From now on applied objects that are missing count as not ready.</summary>
    public void MarkApplied()
    {
        _isApplied = true;
        watch.Nudge();
    }

    /// <exception cref="CliException">With <c>--once</c>: not everything is ready when its time is over.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> problems;
        using (var screen = CreateScreen())
        {
            problems = await ShowUntilDoneAsync(screen, cancellationToken);
        }

        var console = Consoles.Create(environment);
        var table = new TableRenderer(Consoles.GlyphsOf(console)).Render(
            PlatformTree.Build(watch.Current), console.Profile.Width, int.MaxValue);
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
            var list = string.Join(
                Environment.NewLine + "  ", problems.Select(problem => problem.ReplaceLineEndings(" ")));
            throw new CliException(
                $"not ready after {options.Timeout.TotalSeconds:0.#} s; wait longer with --timeout, or look into "
                + $"{place.LogFile}:{Environment.NewLine}  {list}");
        }
    }

    /// <summary>Only <c>--once</c> ends; returns what is not ready when its time is over.</summary>
    private async Task<IReadOnlyList<string>> ShowUntilDoneAsync(IScreen screen, CancellationToken cancellationToken)
    {
        var isQuiet = false;
        while (true)
        {
            var state = watch.Current;
            var tree = PlatformTree.Build(state);
            var addresses = routers.Addresses;
            var web = new WebView(addresses, WebTargets.FromState(state, addresses));
            var problems = Problems(tree);
            if (options.Once && problems.Count == 0)
            {
                problems =
                [
                    .. WebTargets.Missing(state, addresses),
                    .. await RouteProbe.ProblemsAsync(web.Targets, cancellationToken),
                ];
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

    /// <summary>
    /// Ready alone is not enough: counts, such as a space's number of dynos, follow a moment later.
    /// </summary>
    private bool IsDone(bool isReady, bool isQuiet)
    {
        var elapsed = environment.Clock.GetElapsedTime(_started);
        return elapsed > options.Timeout || (isReady && (isQuiet || elapsed > _readyAfter + LongestSettling));
    }

    /// <summary>
    /// Reads only once whether everything is applied: if it changed between two reads, an empty tree would look ready.
    /// </summary>
    private IReadOnlyList<string> Problems(IReadOnlyList<SpaceNode> tree) =>
        Readiness.Problems(tree, _isApplied, watch.HasSynced, _expected, applier.Waiting);

    private IScreen CreateScreen() => options.Plain || options.Once
        ? new PlainScreen(environment.Out, place, environment.Clock)
        : new LiveScreen(Consoles.Create(environment), environment.Out);

    private static ObjectKey KeyOf(Manifest manifest) => manifest.Key with
    {
        Namespace = manifest.Kind == nameof(RowKind.Space) ? null : manifest.Key.Namespace ?? "default",
    };
}
