using System.Globalization;
using System.Text.RegularExpressions;

namespace DevCluster.Network.Kernel;

/// <summary>
/// Names everything of one cluster after the process that made it, so that what a killed process left behind is known
/// for that: a number of a process may come again, but not with the same time of its start.
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

    /// <summary>What the names of network namespaces begin with.</summary>
    public string Prefix { get; }

    /// <summary>Where files of this cluster are.</summary>
    public string Folder { get; }

    /// <summary>The namespaces and folders of processes that are gone.</summary>
    public static (IReadOnlyList<string> Namespaces, IReadOnlyList<string> Folders) Abandoned() =>
        (
            [.. Entries(Netns.Folder).Where(name => IsAbandoned(Path.GetFileName(name)))],
            [.. Entries(StateRoot).Where(name => IsAbandoned(Path.GetFileName(name)))]);

    private static IEnumerable<string> Entries(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder) : [];

    private static bool IsAbandoned(string name) =>
        Name().Match(name) is { Success: true } match
        && StartOf(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) != match.Groups[2].Value;

    /// <summary>When a process started, in ticks of the kernel; empty if there is none.</summary>
    private static string StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");

            // The name stands in parentheses and may hold anything.
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
