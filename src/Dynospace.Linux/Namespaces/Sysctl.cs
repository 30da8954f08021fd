namespace Dynospace.Linux.Namespaces;

/// <summary>
/// The kernel's settings of the network, those of the namespace of the thread. A name is the path below
/// <c>/proc/sys/net</c>, such as <c>ipv4/ip_forward</c> or <c>ipv4/conf/eth0/rp_filter</c>.
/// </summary>
public static class Sysctl
{
    private const string OwnFolder = "/proc/sys/net";

    /// <summary>Where the machine's are in a container, whose own cannot be written.</summary>
    private const string HostFolder = "/host/proc/sys/net";

    private static readonly string Folder = Directory.Exists(HostFolder) ? HostFolder : OwnFolder;

    /// <summary>A setting; null if the kernel has none of that name.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string? Read(string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(Folder, name)).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Changes a setting.</summary>
    /// <exception cref="IOException">The kernel has none of that name, or refuses the value.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write there.</exception>
    public static void Write(string name, string value) => File.WriteAllText(Path.Combine(Folder, name), value);

    /// <summary>Changes a setting if it is another.</summary>
    /// <returns>Whether it was another.</returns>
    /// <exception cref="IOException">The kernel has none of that name, or refuses the value.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write there.</exception>
    public static bool Ensure(string name, string value)
    {
        if (Read(name) == value)
        {
            return false;
        }

        Write(name, value);
        return true;
    }
}
