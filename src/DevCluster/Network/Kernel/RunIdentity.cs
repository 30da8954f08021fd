using System.Globalization;
using System.Text.RegularExpressions;

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

    /// <summary>The namespaces and folders of processes that no longer run.</summary>
    public static (IReadOnlyList<string> Namespaces, IReadOnlyList<string> Folders) Abandoned() =>
        (
            [.. Entries(Netns.Folder).Where(name => IsAbandoned(Path.GetFileName(name)))],
            [.. Entries(StateRoot).Where(name => IsAbandoned(Path.GetFileName(name)))]);

    private static IEnumerable<string> Entries(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder) : [];

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
