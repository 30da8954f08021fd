using System.Diagnostics;

namespace DevCluster.Network.Kernel;

/// <summary>Removes what clusters left behind when their processes were killed.</summary>
internal static class Leftovers
{
    /// <returns>The number of abandoned network namespaces.</returns>
    public static int Remove()
    {
        var (namespaces, folders) = RunIdentity.Abandoned();
        KillIn(namespaces);
        foreach (var name in namespaces)
        {
            Netns.Delete(name);
        }

        foreach (var folder in folders)
        {
            MemoryLimits.Remove(Path.GetFileName(folder));
            Directory.Delete(folder, recursive: true);
        }

        return namespaces.Count;
    }

    /// <summary>Kills every process in the given namespaces.</summary>
    public static void KillIn(IReadOnlyCollection<string> namespaces)
    {
        if (namespaces.Count == 0)
        {
            return;
        }

        var wanted = namespaces.Select(Netns.Identity).OfType<string>().ToHashSet();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && wanted.Contains(NamespaceOf(id) ?? ""))
            {
                Kill(id);
            }
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException
            or System.ComponentModel.Win32Exception)
        {
            // The process has already exited.
        }
    }

    private static string? NamespaceOf(int process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/net").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
