using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Network.Pods;

/// <summary>Writes the files that are mounted into a container: volumes and its hosts and resolver files.</summary>
internal static class ContainerFiles
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
        | UnixFileMode.OtherRead;

    private const UnixFileMode Open = (UnixFileMode)0b1_111_111_111;

    private const UnixFileMode Folder = (UnixFileMode)0b111_101_101;

    /// <summary>Writes the files below a folder of the container.</summary>
    /// <returns>The mounts, with sources as seen by the container's first script.</returns>
    public static IReadOnlyList<(string Source, string Target, bool IsReadOnly)> Write(
        ContainerStart start, string folder, string volumes, IReadOnlyList<string> knownHosts)
    {
        var files = Path.Combine(folder, "files");
        Make(volumes, Folder);
        Make(Path.Combine(files, "etc"), Folder);
        WriteFile(Path.Combine(files, "etc", "resolv.conf"), ResolverOf(start));
        WriteFile(Path.Combine(files, "etc", "hostname"), HostName(start) + "\n");
        WriteFile(
            Path.Combine(files, "etc", "hosts"),
            $"127.0.0.1\tlocalhost\n::1\tlocalhost\n{start.Pod.Text("status", "podIP")}\t{HostName(start)}\n"
                + string.Concat(knownHosts.Select(line => line + "\n")));
        var mounts = new List<(string, string, bool)>();
        foreach (var (mounted, index) in start.Folders.Select((mounted, index) => (mounted, index)))
        {
            var source = $"volume-{index}";
            var place = Path.Combine(files, source);
            if (mounted.Files is { } content)
            {
                Make(place, Folder);
                foreach (var (name, bytes) in content)
                {
                    var path = Path.Combine(place, name);
                    Make(Path.GetDirectoryName(path)!, Folder);
                    File.WriteAllBytes(path, bytes);
                    File.SetUnixFileMode(path, Readable);
                }
            }
            else
            {
                // Shared by all containers of the pod.
                Make(Path.Combine(volumes, mounted.Volume), Open);
                source = Path.Combine("volumes", mounted.Volume);
            }

            if (mounted.Path.StartsWith("/etc/", StringComparison.Ordinal))
            {
                // A mount point under /etc cannot be created later, so it is created here.
                Directory.CreateDirectory(Path.Combine(files, mounted.Path[1..]));
            }

            mounts.Add((source, mounted.Path, mounted.IsReadOnly));
        }

        return mounts;
    }

    private static string HostName(ContainerStart start) =>
        start.Pod.Text("spec", "hostname") ?? start.Pod.Text("metadata", "name") ?? "pod";

    private static string ResolverOf(ContainerStart start)
    {
        if (start.Pod.Text("spec", "dnsPolicy") == "None")
        {
            return ResolverOf(start.Pod.Map("spec").Map("dnsConfig"));
        }

        var ns = start.Pod.Text("metadata", "namespace");
        return $"nameserver {ClusterAddresses.Dns}\n"
            + $"search {ns}.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n";
    }

    private static string ResolverOf(JsonObject? config)
    {
        var options = config.Items("options").Select(option => option.Text("value") is { } value
            ? $"{option.Text("name")}:{value}"
            : option.Text("name"));
        return string.Concat(config.Texts("nameservers").Select(address => $"nameserver {address}\n"))
            + $"search {string.Join(' ', config.Texts("searches"))}\n"
            + $"options {string.Join(' ', options)}\n";
    }

    private static void Make(string folder, UnixFileMode mode)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, mode);
        }
    }

    private static void WriteFile(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, Readable);
    }
}

/// <summary>Addresses that are the same in every network cluster.</summary>
internal static class ClusterAddresses
{
    public const string Dns = "10.96.0.10";
}
