using System.Net;
using System.Security.Cryptography;
using System.Text;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.Reachability.Addresses;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>
/// Brings kernel and folders in line with a plan, in an order without open or incomplete states: first the table, then
/// the tunnel and the routes, and the CNI configuration last. Correct state is not changed. Not thread-safe.
/// </summary>
public sealed class NetworkEnforcer(KernelAccess kernel, DynoNetworkOptions options, ILogger logger)
{
    private const byte Udp = 17;

    /// <summary>Runtimes select files by extension, so they ignore this one.</summary>
    private const string PartName = $".{CniConfiguration.FileName}.part";

    private IReadOnlyList<ForwardedPort> _ports = [];

    private string ConfigurationPath => Path.Combine(options.ConfigurationFolder, CniConfiguration.FileName);

    /// <summary>Whether the link exists, even if it is dangling.</summary>
    private bool IsLinked => File.Exists(ConfigurationPath);

    private string NotePath => Path.Combine(options.ReservationFolder, "table");

    private string NetworkFolder => Path.Combine(options.ReservationFolder, CniConfiguration.Network);

    /// <summary>Brings kernel and folders in line with the plan.</summary>
    /// <param name="isHandedOut">Whether new pods get addresses; otherwise no CNI configuration is written.</param>
    /// <returns>Whether something changed.</returns>
    internal bool Apply(NetworkPlan plan, bool isHandedOut)
    {
        var changed = ApplyTable(plan.Table);
        ForgetPorts(plan.Table.HostPorts);
        changed |= ApplyTunnel(plan.Tunnel);
        changed |= ApplyRoutes(plan.Routes);
        changed |= isHandedOut && WriteConfiguration(plan.Configuration);
        return changed;
    }

    /// <summary>Checks that the folders are writable, before anything is claimed or set up.</summary>
    /// <exception cref="IOException">A folder is not writable, for example on a read-only file system.</exception>
    /// <exception cref="UnauthorizedAccessException">This process lacks permission.</exception>
    public void TryFolders()
    {
        foreach (var folder in new[] { options.ConfigurationFolder, options.ReservationFolder })
        {
            Directory.CreateDirectory(folder);
            var file = Path.Combine(folder, PartName);

            // The file of an earlier run may be a link to the current content.
            File.Delete(file);
            File.WriteAllText(file, "");
            File.Delete(file);
        }
    }

    /// <summary>Removes the CNI configuration, so that the previous one applies to new pods.</summary>
    public void Retire()
    {
        Delete(ConfigurationPath);
        foreach (var content in Contents())
        {
            Delete(content);
        }
    }

    /// <summary>Removes everything else. No dyno of this node has an address any more.</summary>
    public void Remove()
    {
        kernel.Nftables.Run(NetworkTable.Removal);
        Delete(NotePath);
        ApplyRoutes([]);
        ApplyTunnel(null);
        if (Directory.Exists(NetworkFolder))
        {
            Directory.Delete(NetworkFolder, recursive: true);
        }
    }

    /// <summary>Removes everything except what pods with an address of the block need.</summary>
    /// <returns>Why something stays; null if everything is removed.</returns>
    public string? RemoveIfUnused()
    {
        var seen = KernelFacts.Read(kernel.Network);
        var block = BlockInForce() ?? seen.OwnBlock;
        Retire();
        var used = block is null ? 0 : seen.Used(block).Count;
        if (used > 0)
        {
            return $"{used} pods have addresses of {block}: the CNI configuration is gone, and the rules and routes "
                + "stay. Drain the node, then remove again.";
        }

        Remove();
        return null;
    }

    /// <summary>The block in the node's configuration; null for none.</summary>
    public AddressRange? BlockInForce() =>
        TryRead(ConfigurationPath) is { } text ? CniConfiguration.BlockOf(text) : null;

    /// <summary>Whether this configuration is the active one.</summary>
    public bool IsHandedOut(string configuration) => TryRead(ConfigurationPath) == configuration;

    /// <summary>Whether parts of the network exist on this node.</summary>
    public bool HasLeftovers() =>
        IsLinked
        || List().Length > 0
        || kernel.Network.Links.Find(KernelFacts.TunnelName) is not null
        || kernel.Network.Routes.List().Any(route => route.Protocol == KernelFacts.RouteProtocol);

    /// <summary>Whether an address was reserved after the given time; its link may not exist yet.</summary>
    public bool HasReservationSince(DateTimeOffset time) => Reservations().Any(
        path => File.GetLastWriteTimeUtc(path) >= time.UtcDateTime);

    /// <summary>Frees unused addresses: a runtime that is killed while it adds a pod may never delete it.</summary>
    /// <param name="used">The addresses to which links lead.</param>
    /// <param name="before">Only reservations before this time are freed, because adding a pod takes a moment.</param>
    /// <returns>The number of freed addresses.</returns>
    public int FreeUnused(IReadOnlySet<string> used, DateTimeOffset before)
    {
        var unused = Reservations()
            .Where(path => !used.Contains(Path.GetFileName(path))
                && File.GetLastWriteTimeUtc(path) < before.UtcDateTime)
            .ToList();
        foreach (var path in unused)
        {
            logger.LogWarning(
                "The address {Address} was reserved and no pod has it; it is free again", Path.GetFileName(path));
            File.Delete(path);
        }

        return unused.Count;
    }

    /// <summary>The other CNI configurations.</summary>
    internal static IReadOnlyList<CniFile> ReadFiles(string folder) => Directory.Exists(folder)
        ?
        [
            .. Directory.GetFiles(folder)
                .Where(path => CniConfiguration.IsForeign(Path.GetFileName(path)))
                .Select(path => new CniFile(Path.GetFileName(path), TryRead(path) ?? "")),
        ]
        : [];

    private bool ApplyTable(NetworkTable table)
    {
        var text = table.Text;
        var standing = List();
        if (standing.Length > 0 && ReadNote() == Note(text, standing))
        {
            return false;
        }

        Replace(text);
        WriteNote(Note(text, List()));
        return true;
    }

    private void Replace(string table)
    {
        if (TableObjects.List(kernel.Nftables, NetworkTable.Table) is { } existing)
        {
            try
            {
                kernel.Nftables.Run(existing.ReplacedBy(table));
                return;
            }
            catch (NftablesException e) when (!e.IsForbidden)
            {
                // Another program changed it, or a chain is at another hook.
            }
        }

        kernel.Nftables.Run(NetworkTable.Removal + table);
    }

    /// <summary>The table as listed by the kernel; empty if it does not exist.</summary>
    private string List()
    {
        try
        {
            return WithoutCounts(kernel.Nftables.Run($"list table {NetworkTable.Table}"));
        }
        catch (NftablesException e) when (e.IsMissing)
        {
            return "";
        }
    }

    private static string WithoutCounts(string listing) => string.Join(
        '\n', listing.Split('\n').Where(line => !line.TrimStart().StartsWith("packets ", StringComparison.Ordinal)));

    /// <summary>
    /// The written text and the kernel's listing of it, which nftables words differently. A restarted agent thus
    /// recognizes the table of its predecessor and changes by other programs.
    /// </summary>
    private static string Note(string text, string listing) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{text}\0{listing}")));

    /// <summary>
    /// Deletes a file or a link, even a dangling one. It is not an error if it or its folder does not exist.
    /// </summary>
    private static void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private string? ReadNote() => TryRead(NotePath);

    /// <summary>The content of a file; null if it does not exist or is a dangling link.</summary>
    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void WriteNote(string note)
    {
        Directory.CreateDirectory(options.ReservationFolder);
        File.WriteAllText(NotePath, note);
    }

    /// <summary>
    /// Deletes conntrack entries of ports whose target changed: a client that keeps sending datagrams would otherwise
    /// never reach the new target.
    /// </summary>
    private void ForgetPorts(IReadOnlyList<ForwardedPort> ports)
    {
        var added = ports.Except(_ports).Select(port => port.Port).ToHashSet();
        var removed = _ports.Except(ports).Select(port => (port.Pod, port.PodPort)).ToHashSet();
        _ports = ports;
        if (added.Count + removed.Count == 0)
        {
            return;
        }

        var own = kernel.Network.Addresses.List().Select(address => address.Address).ToHashSet();
        kernel.Conntrack.DeleteWhere(target => target.Protocol == Udp
            && ((added.Contains(target.Port) && own.Contains(target.Destination))
                || removed.Contains((target.Destination, target.Port))));
    }

    private bool ApplyTunnel(TunnelPlan? plan)
    {
        var link = kernel.Network.Links.Find(KernelFacts.TunnelName);
        if (plan is null)
        {
            if (link is not null)
            {
                kernel.Network.Links.Delete(link.Index);
            }

            return link is not null;
        }

        var changed = false;
        if (link is not null && link.Vxlan != plan.Settings)
        {
            kernel.Network.Links.Delete(link.Index);
            link = null;
        }

        if (link is null)
        {
            kernel.Network.Links.Add(new VxlanLink(KernelFacts.TunnelName, plan.Settings));
            link = kernel.Network.Links.Find(KernelFacts.TunnelName)!;
            kernel.Network.Links.Change(link.Index, new LinkChange { HasLinkLocal = false });
            changed = true;
        }

        if (!link.IsUp || link.Mtu != plan.Mtu || !plan.Mac.Equals(link.Mac))
        {
            kernel.Network.Links.Change(link.Index, new LinkChange { Mac = plan.Mac, Mtu = plan.Mtu, IsUp = true });
            changed = true;
        }

        var address = new LinkAddress(plan.Address, 32, link.Index);
        changed |= Bring(
            kernel.Network.Addresses.List().Where(item => item.Link == link.Index), [address],
            kernel.Network.Addresses.Add, kernel.Network.Addresses.Delete);
        changed |= Bring(
            kernel.Network.Neighbours.List().Where(item => item.Link == link.Index && item.IsPermanent
                && !item.Address.IsIPv6Multicast),
            plan.Peers.SelectMany(peer => new[] { peer.Address, peer.Address6 }.OfType<IPAddress>()
                .Select(inner => new Neighbour(inner, link.Index, peer.Mac))),
            kernel.Network.Neighbours.Set, kernel.Network.Neighbours.Delete, isDeletedFirst: true);
        changed |= Bring(
            kernel.Network.Neighbours.ListTargets(link.Index),
            plan.Peers.Select(peer => new TunnelTarget(peer.Mac, link.Index, peer.Node)),
            kernel.Network.Neighbours.SetTarget, kernel.Network.Neighbours.DeleteTarget);
        return changed;
    }

    private bool ApplyRoutes(IReadOnlyList<Route> routes)
    {
        var tunnel = kernel.Network.Links.Find(KernelFacts.TunnelName)?.Index;
        return Bring(
            kernel.Network.Routes.List().Where(route => route.Protocol == KernelFacts.RouteProtocol),
            routes.Select(route =>
                (route.Link == NetworkPlanner.TunnelLink ? route with { Link = tunnel } : route).AsShown()),
            kernel.Network.Routes.Replace, kernel.Network.Routes.Delete);
    }

    /// <summary>Adds missing items and deletes superfluous ones.</summary>
    /// <param name="isDeletedFirst">Whether to delete first, because a deletion by key could also hit an added
    /// item.</param>
    private static bool Bring<T>(
        IEnumerable<T> standing,
        IEnumerable<T> wanted,
        Action<T> add,
        Action<T> delete,
        bool isDeletedFirst = false)
    {
        var before = standing.ToHashSet();
        var after = wanted.ToHashSet();
        var missing = after.Except(before).ToList();
        var surplus = before.Except(after).ToList();
        if (isDeletedFirst)
        {
            surplus.ForEach(delete);
        }

        missing.ForEach(add);
        if (!isDeletedFirst)
        {
            surplus.ForEach(delete);
        }

        return missing.Count + surplus.Count > 0;
    }

    /// <summary>The reservation files, one for each address.</summary>
    private IEnumerable<string> Reservations() => Directory.Exists(NetworkFolder)
        ? Directory.GetFiles(NetworkFolder).Where(path => IPAddress.TryParse(Path.GetFileName(path), out _))
        : [];

    /// <summary>The current and former targets of <see cref="ConfigurationPath"/>.</summary>
    private string[] Contents() => Directory.Exists(options.ReservationFolder)
        ? Directory.GetFiles(options.ReservationFolder, $"*-{CniConfiguration.FileName}")
        : [];

    /// <summary>
    /// The file is a link into a folder that is empty after a reboot: no pod gets an address before an agent has
    /// written the rules again. Runtimes watch the folder of the link, so new content gets a new name and a new link.
    /// Replacing the link is atomic, even if the agent is killed.
    /// </summary>
    private bool WriteConfiguration(string text)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
        var content = Path.Combine(options.ReservationFolder, $"{digest}-{CniConfiguration.FileName}");
        var standing = new FileInfo(ConfigurationPath).LinkTarget;
        if (standing == content && TryRead(content) == text)
        {
            return false;
        }

        Directory.CreateDirectory(options.ConfigurationFolder);
        Directory.CreateDirectory(options.ReservationFolder);
        // A runtime may be reading the current one.
        foreach (var former in Contents().Where(path => path != standing))
        {
            File.Delete(former);
        }

        var part = content + ".part";
        File.WriteAllText(part, text);
        File.Move(part, content, overwrite: true);

        var link = Path.Combine(options.ConfigurationFolder, PartName);
        File.Delete(link);
        File.CreateSymbolicLink(link, content);
        File.Move(link, ConfigurationPath, overwrite: true);
        return true;
    }
}
