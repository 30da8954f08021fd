using System.Globalization;
using System.Runtime.InteropServices;

namespace DevCluster.Network.Programs;

/// <summary>
/// The program that stands in for images. It is a hidden command of the program that runs the cluster, and runs as a
/// separate process in each pod.
/// </summary>
public static class BuiltInProgram
{
    /// <summary>The name of the hidden command.</summary>
    public const string Verb = "dev-pod";

    internal const string IgnoreTermination = "ignore-term";
    internal const string Exit = "exit";
    internal const string About = "about";
    internal const string Names = "names";
    internal const string Zones = "zones";
    internal const string Tcp = "tcp";
    internal const string Udp = "udp";
    internal const string Shell = "shell";

    private const char Separator = ':';

    /// <summary>Runs the program with the arguments that <see cref="StandInPrograms"/> generates.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var options = words.Select(word => word.Split(Separator, 2)).ToLookup(pair => pair[0], pair => pair[^1]);
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            if (!options.Contains(IgnoreTermination))
            {
                stop.Cancel();
            }
        });
        List<IDisposable> opened =
        [
            .. options[Tcp].Select(port => new WebListener(Number(port), [.. options[About]], stop.Token)),
            .. options[Udp].Select(port => new EchoSocket(Number(port), stop.Token)),
            .. options[Names].Select(file => new NameServer(file, ZonesIn(options[Zones]), stop.Token)),
            .. options[Shell].Select(port => new ShellListener(Number(port), stop.Token)),
        ];
        try
        {
            if (options[Exit].FirstOrDefault() is { } code)
            {
                Console.WriteLine(
                    $"a one-off of the dev cluster ends with {code}: no image is pulled, so no other program runs");
                return Number(code);
            }

            Console.WriteLine($"runs in place of an image; {string.Join(", ", options[About])}");
            await Task.Delay(Timeout.Infinite, stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        finally
        {
            opened.ForEach(item => item.Dispose());
        }
    }

    private static CoreDnsZones? ZonesIn(IEnumerable<string> corefiles) =>
        corefiles.Select(file => CoreDnsZones.Parse(File.ReadAllText(file))).FirstOrDefault();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>How to run this program inside a container.</summary>
/// <param name="Command">The command line before the arguments.</param>
/// <param name="Folders">The required host folders, by their path in the container.</param>
public sealed record ProgramHost(IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Folders)
{
    private const string Runtime = "/.devcluster/dotnet";
    private const string Application = "/.devcluster/program";

    /// <summary>Turns off .NET features that a small process does not need.</summary>
    internal static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["DOTNET_EnableDiagnostics"] = "0",
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_TieredPGO"] = "0",
    };

    /// <summary>
    /// Locates the program by an assembly name in the folder of the running program, or by the program itself if it is
    /// a single file.
    /// </summary>
    public static ProgramHost FromAssembly(string assembly)
    {
        var folder = AppContext.BaseDirectory;
        var core = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        var root = Path.GetFullPath(Path.Combine(core, "..", "..", ".."));
        return File.Exists(Path.Combine(folder, assembly + ".dll")) && File.Exists(Path.Combine(root, "dotnet"))
            ? new ProgramHost(
                [$"{Runtime}/dotnet", $"{Application}/{assembly}.dll"],
                new Dictionary<string, string> { [Runtime] = root, [Application] = folder })
            : new ProgramHost(
                [$"{Application}/{Path.GetFileName(System.Environment.ProcessPath)}"],
                new Dictionary<string, string>
                {
                    [Application] = Path.GetDirectoryName(System.Environment.ProcessPath)!,
                });
    }

    /// <summary>The command line outside of containers.</summary>
    public IReadOnlyList<string> OutsideCommand => [.. Command.Select(Outside)];

    /// <summary>Runs a hidden command of this program in a container.</summary>
    public PodProgram Run(params IReadOnlyList<string> words) => new([.. Command, .. words], Folders, Environment);

    private string Outside(string word)
    {
        var (inside, outside) = Folders.FirstOrDefault(entry => word.StartsWith(entry.Key, StringComparison.Ordinal));
        return inside is null ? word : Path.Combine(outside, word[inside.Length..].TrimStart('/'));
    }
}
