using System.Globalization;
using System.Text.RegularExpressions;
using Dynospace.Linux.Namespaces;

namespace DevCluster.Network.Kernel;

/// <summary>
/// Names all resources of one cluster after the process that created it, so that leftovers of a killed process are
/// recognized. Process IDs are reused, so the name also contains the start time.
/// </summary>
internal sealed partial class RunIdentity
{
    private const string StateRoot = "/run/devcluster";

    private static int _count;

    public RunIdentity()
    {
        var process = Environment.ProcessId;
        Prefix = string.Create(
            CultureInfo.InvariantCulture,
            $"devc-{process}-{StartOf(process)}-{Interlocked.Increment(ref _count)}-");
        Folder = Path.Combine(StateRoot, Prefix.TrimEnd('-'));
    }

    /// <summary>The prefix of the cluster's network namespace names.</summary>
    public string Prefix { get; }

    /// <summary>The folder for the files of this cluster.</summary>
    public string Folder { get; }

    /// <summary>The namespaces, by name, and the folders of processes that no longer run.</summary>
    public static (IReadOnlyList<string> Namespaces, IReadOnlyList<string> Folders) Abandoned() =>
        (
            [.. NetworkNamespace.Names.Where(IsAbandoned)],
            Directory.Exists(StateRoot)
                ? [.. Directory.GetDirectories(StateRoot).Where(folder => IsAbandoned(Path.GetFileName(folder)))]
                : []);

    private static bool IsAbandoned(string name) =>
        Name().Match(name) is { Success: true } match
        && StartOf(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) != match.Groups[2].Value;

    /// <summary>The start time of a process in clock ticks; empty if the process does not exist.</summary>
    private static string StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");

            // The process name is in parentheses and may contain any character.
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"^devc-(\d+)-(\d+)-\d+(-|$)")]
    private static partial Regex Name();
}
