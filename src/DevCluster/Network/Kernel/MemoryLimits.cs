using System.Globalization;

namespace DevCluster.Network.Kernel;

/// <summary>
/// Limits the memory of containers with cgroups v1 or v2. If the machine has neither, no limit is enforced.
/// </summary>
internal sealed class MemoryLimits
{
    private const string VersionOne = "/sys/fs/cgroup/memory";
    private const string VersionTwo = "/sys/fs/cgroup";
    private const string Parent = "devcluster";

    private readonly string? _root;

    /// <param name="cluster">The name of the cluster's own group.</param>
    public MemoryLimits(string cluster) => _root = Prepare(cluster);

    /// <summary>Creates a cgroup with a memory limit; null if cgroups cannot be created.</summary>
    /// <returns>The file to which process IDs are written.</returns>
    public string? Create(string name, long bytes)
    {
        if (_root is null)
        {
            return null;
        }

        try
        {
            var group = Path.Combine(_root, name);
            Directory.CreateDirectory(group);
            var file = IsVersionOne ? "memory.limit_in_bytes" : "memory.max";
            File.WriteAllText(Path.Combine(group, file), bytes.ToString(CultureInfo.InvariantCulture));
            return Path.Combine(group, "cgroup.procs");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a process of the group was killed for exceeding the limit.</summary>
    public static bool WasExceeded(string processes)
    {
        var group = Path.GetDirectoryName(processes)!;
        try
        {
            var file = Path.Combine(group, IsVersionOne ? "memory.oom_control" : "memory.events");
            return File.ReadLines(file).Select(line => line.Split(' '))
                .Any(words => words is ["oom_kill", not "0"]);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Removes a container's group.</summary>
    public static void Release(string processes) => TryRemove(Path.GetDirectoryName(processes)!);

    /// <summary>Removes the groups of a cluster.</summary>
    public static void Remove(string cluster)
    {
        foreach (var root in new[] { VersionOne, VersionTwo })
        {
            var group = Path.Combine(root, Parent, cluster);
            if (Directory.Exists(group))
            {
                foreach (var child in Directory.EnumerateDirectories(group))
                {
                    TryRemove(child);
                }

                TryRemove(group);
            }
        }
    }

    private static bool IsVersionOne => Directory.Exists(VersionOne);

    private static string? Prepare(string cluster)
    {
        try
        {
            var parent = Path.Combine(IsVersionOne ? VersionOne : VersionTwo, Parent);
            var group = Path.Combine(parent, cluster);
            Directory.CreateDirectory(group);
            if (!IsVersionOne)
            {
                foreach (var folder in new[] { VersionTwo, parent, group })
                {
                    File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), "+memory");
                }
            }

            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void TryRemove(string group)
    {
        try
        {
            // The kernel owns the files inside: only the directory itself can be removed.
            Directory.Delete(group, recursive: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that was just killed still counts; the next start removes the group.
        }
    }
}
