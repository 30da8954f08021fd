using System.Globalization;
using System.Runtime.InteropServices;

namespace DevCluster.Network.Programs;

/// <summary>
/// The program that stands in for images, in a process of its own inside a pod: a hidden command of the program that
/// runs the cluster.
/// </summary>
public static class BuiltInProgram
{
    /// <summary>The hidden command.</summary>
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

    /// <summary>Runs it; the words are those that <see cref="StandInPrograms"/> gives.</summary>
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

/// <summary>How this program is run inside a container.</summary>
/// <param name="Command">The words before those of the program.</param>
/// <param name="Folders">The folders of this machine that it needs, by where the container sees them.</param>
public sealed record ProgramHost(IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Folders)
{
    private const string Runtime = "/.devcluster/dotnet";
    private const string Application = "/.devcluster/program";

    /// <summary>What a small .NET process does not need.</summary>
    internal static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["DOTNET_EnableDiagnostics"] = "0",
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_TieredPGO"] = "0",
    };

    /// <summary>
    /// By the name of an assembly in the folder of the running program, or by the program itself where it is one file.
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

    /// <summary>The command as it is run outside of containers.</summary>
    public IReadOnlyList<string> OutsideCommand => [.. Command.Select(Outside)];

    /// <summary>A hidden command of this program, in a container.</summary>
    public PodProgram Run(params IReadOnlyList<string> words) => new([.. Command, .. words], Folders, Environment);

    private string Outside(string word)
    {
        var (inside, outside) = Folders.FirstOrDefault(entry => word.StartsWith(entry.Key, StringComparison.Ordinal));
        return inside is null ? word : Path.Combine(outside, word[inside.Length..].TrimStart('/'));
    }
}
