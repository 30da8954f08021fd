using System.Globalization;

namespace DevCluster.Network.Pods;

/// <summary>Which processes others have started, by the kernel.</summary>
internal static class ProcessTree
{
    /// <summary>The children of a process; none once it has ended.</summary>
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

    /// <summary>The descendants of a process, nearer ones first.</summary>
    public static IEnumerable<int> Below(int process)
    {
        var children = Children(process);
        return children.Concat(children.SelectMany(Below));
    }
}
