using System.Globalization;

namespace DevCluster.Network.Pods;

/// <summary>Parent-child relations of processes, from /proc.</summary>
internal static class ProcessTree
{
    /// <summary>The children of a process; empty after it exits.</summary>
    public static IReadOnlyList<int> Children(int process)
    {
        try
        {
            var text = File.ReadAllText(string.Create(
                CultureInfo.InvariantCulture, $"/proc/{process}/task/{process}/children"));
            return
            [
                .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(child => int.Parse(child, CultureInfo.InvariantCulture)),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>The descendants of a process, breadth first.</summary>
    public static IEnumerable<int> Below(int process)
    {
        var children = Children(process);
        return children.Concat(children.SelectMany(Below));
    }
}
