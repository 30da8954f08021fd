// Kernel: the resources of this machine: namespaces, memory limits, programs, and the cleanup after earlier runs.

using System.Net.Sockets;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Networking;

namespace DevCluster.Network.Kernel;

/// <summary>A named network namespace on this machine.</summary>
public sealed class Netns
{
    private Netns(string name) => Name = name;

    /// <summary>Whether the kernel of this machine has IPv6.</summary>
    internal static bool HasIPv6 => Directory.Exists("/proc/sys/net/ipv6");

    /// <summary>The name that <c>ip netns</c> shows.</summary>
    public string Name { get; }

    /// <summary>The file to which the namespace is bound.</summary>
    public string Path => $"{NetworkNamespace.Folder}/{Name}";

    /// <exception cref="NetworkException">The kernel refuses it.</exception>
    internal static Netns Create(string name)
    {
        Guard(name, () => NetworkNamespace.Create(name).Dispose());
        var made = new Netns(name);
        made.Configure(network => network.Links.Change(
            network.Links.Find("lo")!.Index, new LinkChange { IsUp = true }));
        return made;
    }

    /// <exception cref="NetworkException">The kernel refuses it.</exception>
    internal static void Delete(string name) => Guard(name, () => NetworkNamespace.Delete(name));

    internal void Delete() => Delete(Name);

    /// <summary>The inode number of the namespace, as shown in <c>/proc/…/ns/net</c>; null if it is gone.</summary>
    internal static string? Identity(string name)
    {
        try
        {
            using var place = NetworkNamespace.OpenNamed(name);
            return place.Run(() => new FileInfo("/proc/thread-self/ns/net").LinkTarget);
        }
        catch (NetworkNamespaceException)
        {
            return null;
        }
    }

    /// <summary>Configures links, addresses and routes.</summary>
    /// <exception cref="NetworkException">The kernel refuses a change.</exception>
    internal void Configure(Action<NetworkStack> action) => Guard(Name, () =>
    {
        using var place = NetworkNamespace.OpenNamed(Name);
        using var network = NetworkStack.Open(place);
        action(network);
    });

    /// <summary>Creates a veth pair: one end here, the other as <c>eth0</c> in another namespace.</summary>
    /// <returns>The index of the end in this namespace.</returns>
    /// <exception cref="NetworkException">The kernel refuses it.</exception>
    internal int Connect(string link, Netns other, int? bridge = null)
    {
        var index = 0;
        Configure(network =>
        {
            using var place = NetworkNamespace.OpenNamed(other.Name);
            network.Links.Add(new VethLink(link, new VethPeer("eth0") { Namespace = place, IsUp = true })
            {
                Master = bridge,
                IsUp = true,
            });
            index = network.Links.Find(link)!.Index;
        });
        return index;
    }

    /// <summary>Applies nftables commands in one transaction.</summary>
    /// <exception cref="NetworkException">The kernel refuses the commands.</exception>
    internal void Filter(string commands) => Guard(Name, () =>
    {
        using var place = NetworkNamespace.OpenNamed(Name);
        place.Run(() =>
        {
            using var nftables = Nftables.Open();
            nftables.Run(commands);
        });
    });

    /// <summary>Sets sysctls below <c>/proc/sys/net</c>.</summary>
    internal void Set(IEnumerable<(string Name, string Value)> settings) => Run(() =>
    {
        foreach (var (name, value) in settings)
        {
            Sysctl.Write(name, value);
        }

        return true;
    });

    /// <summary>
    /// Runs an action inside the namespace, on a dedicated thread. A socket opened there may be used anywhere, because
    /// it stays in the namespace in which it was opened. The action must not start background work such as a task: a
    /// pool thread created for it would inherit the namespace and keep it.
    /// </summary>
    /// <exception cref="NetworkException">The namespace cannot be entered.</exception>
    public T Run<T>(Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            using var place = NetworkNamespace.OpenNamed(Name);
            return place.Run(action);
        }
        catch (NetworkNamespaceException e)
        {
            throw new NetworkException($"the network namespace {Name} cannot be entered: {e.Message}", e);
        }
    }

    private static void Guard(string name, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is NetworkNamespaceException or SocketException or NftablesException or IOException
            or UnauthorizedAccessException)
        {
            throw new NetworkException($"the network namespace {name}: {e.Message}", e);
        }
    }
}
