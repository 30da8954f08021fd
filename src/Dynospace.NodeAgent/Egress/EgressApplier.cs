using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Enforcement;

namespace Dynospace.NodeAgent.Egress;

/// <summary>
/// Brings the kernel of this node in line with a plan, in an order without gaps for packets: the backstop comes first,
/// and the existing table changes in one transaction. Not thread-safe; must run in the network namespace of the node.
/// </summary>
public sealed class EgressApplier(KernelAccess kernel) : IDisposable
{
    private static readonly string[] ServedSets = ["mine4", "mine6", "outside4", "outside6"];

    private Tables? _applied;
    private string? _fastPathRefusal;
    private EgressTable? _refused;
    private EgressPlan? _plan;
    private EgressPlan? _planned;
    private int _device;

    /// <summary>Applies the plan of the given facts.</summary>
    /// <returns>Whether something was written.</returns>
    /// <exception cref="NftablesException">nftables refuses the table; no part of it took effect.</exception>
    /// <exception cref="SocketException">The kernel refuses another object.</exception>
    internal bool Apply(EgressFacts facts) => Apply(_planned = EgressKernelPlanner.Plan(facts, _planned));

    private bool Apply(EgressPlan plan)
    {
        var before = _plan;
        var isSame = before is not null && AreRoutesEqual(before, plan);
        var isDynosOnly = !isSame && before is not null && DifferByDynosOnly(before, plan);
        // If this run fails, the next one compares everything.
        _plan = isSame ? before : null;
        if (isDynosOnly)
        {
            foreach (var rule in plan.DynoRules.Except(before!.DynoRules))
            {
                kernel.Network.Rules.Add(rule);
            }
        }
        else if (!isSame)
        {
            var device = EnsureDevice(plan);
            if (device != _device)
            {
                // The fast path refers to the device by its index.
                (_device, _applied) = (device, null);
            }

            EnsureTargets(plan);
            ReservedPorts.Ensure(plan.ReservesPorts);
            EnsureRoutesAndRules(plan);
        }

        var isWritten = Write(plan);
        if (isDynosOnly)
        {
            foreach (var rule in before!.DynoRules.Except(plan.DynoRules))
            {
                kernel.Network.Rules.Delete(rule);
            }
        }
        else if (!isSame)
        {
            // Removed items are unused from here on; forwarding must be in place before an address is announced.
            RemoveOldRules(plan);
            EnsureNeighbours(plan);
        }

        _plan = plan;
        return !isSame || isWritten;
    }

    /// <summary>
    /// Ends connections that would leave with an address that is not their dyno's: a translation applies as long as
    /// conntrack knows the connection, and a pod may inherit the address and the port of a deleted one.
    /// </summary>
    /// <param name="gone">Addresses whose pods are gone.</param>
    internal PortUsage EndInherited(EgressFacts facts, IReadOnlySet<IPAddress> gone)
    {
        var inUse = facts.Addresses.ToDictionary(address => address.Address, _ => 0);
        var blocks = new HashSet<(IPAddress, int)>();
        var dynos = facts.Dynos.ToDictionary(dyno => dyno.Address);
        var spaces = facts.Spaces.ToDictionary(space => space.Key);
        var addresses = facts.Addresses.ToDictionary(address => address.Number);
        // Excludes addresses of the node itself, to which networks also translate other pods' connections.
        var announced = facts.Addresses.Where(address => !address.IsPresent).Select(address => address.Address)
            .ToHashSet();
        var shared = facts.Shared.Select(address => address.Address).ToHashSet();
        var tunnel = addresses.Values.Where(address => address.IsShared)
            .ToDictionary(address => address.Number, address => EgressRules.Sources(address, facts));
        foreach (var connection in kernel.Conntrack.List())
        {
            var dyno = dynos.GetValueOrDefault(connection.Source);
            var isOwn = dyno is not null && IsTranslated(connection, dyno);
            var isInherited = dyno is not null
                ? !isOwn && !IsExempt(connection, dyno)
                : gone.Contains(connection.Source)
                    || announced.Contains(connection.SeenSource)
                    || (TunnelNumbers.IsSource(connection.Source) && !shared.Contains(connection.SeenSource));
            if (isInherited)
            {
                kernel.Conntrack.Delete(connection);
            }
            else if (isOwn)
            {
                Count(connection, addresses[dyno!.Number!.Value]);
            }
        }

        return new PortUsage(inUse, blocks);

        void Count(TrackedConnection connection, FixedIP address)
        {
            inUse[address.Address]++;
            var port = connection.SeenSource.Equals(address.Address)
                ? connection.SeenPort
                : connection.SeenPort - facts.PortShift(address);
            foreach (var block in address.Ports.Where(block => block.Node == facts.Own && block.Has(port)))
            {
                blocks.Add((address.Address, block.First));
            }
        }

        bool IsTranslated(TrackedConnection connection, EgressDyno dyno) =>
            dyno.Number is { } number
            && addresses.TryGetValue(number, out var address)
            && (connection.SeenSource.Equals(address.Address)
                || (address.IsShared && connection.SeenSource.Equals(tunnel[number].Source)
                    && !IsOfAnother(connection, address)));

        // Another fixed IP with the same gateway: the gateway would use that IP for the connection.
        bool IsOfAnother(TrackedConnection connection, FixedIP address) => tunnel.Any(other =>
            other.Key != address.Number
            && other.Value.Source.Equals(connection.SeenSource)
            && addresses[other.Key].Gateways.FirstOrDefault() == address.Gateways.FirstOrDefault()
            && other.Value.Ports.Any(block => block.Has(connection.SeenPort)));

        // Within the cluster the source is the dyno's own address or the network's translation of it.
        bool IsExempt(TrackedConnection connection, EgressDyno dyno) =>
            !announced.Contains(connection.SeenSource)
            && spaces.GetValueOrDefault(dyno.Space)?.IsExempt(connection.Destination) == true;
    }

    /// <summary>Discards the applied state, so that the next run writes or compares everything.</summary>
    public void Forget() => (_applied, _plan, _fastPathRefusal) = (null, null, null);

    /// <summary>Why packets are forwarded without the fast path; null if the kernel does not refuse it.</summary>
    public string? FastPathRefusal => _fastPathRefusal;

    /// <summary>Makes the next run compare links, routes and rules with the kernel's.</summary>
    public void CompareRoutes() => _plan = null;

    /// <summary>
    /// The fixed IPs that the kernel forwards for, as written by an earlier run; shared ones are in sets of their own,
    /// with their marks.
    /// </summary>
    public IReadOnlySet<IPAddress> Served() => ServedSets
        .SelectMany(set => Listed("set", $"list set {EgressTable.Table} {set}"))
        .SelectMany(set => set.TryGetProperty("elem", out var elements) ? elements.EnumerateArray() : default)
        .Select(element => IPAddress.Parse(element.ValueKind == JsonValueKind.String
            ? element.GetString()!
            : element.GetProperty("concat")[1].GetString()!))
        .ToHashSet();

    /// <summary>The interfaces and addresses of dynos in the rules of an earlier run.</summary>
    public IReadOnlyList<(int Link, IPAddress Address)> KnownDynos()
    {
        var links = kernel.Network.Links.List();
        return
        [
            .. Listed("map", $"list map {EgressTable.Table} dyno4")
                .Concat(Listed("map", $"list map {EgressTable.Table} dyno6"))
                .SelectMany(map => map.TryGetProperty("elem", out var elements) ? elements.EnumerateArray() : default)
                .Where(element => element.ValueKind == JsonValueKind.Array
                    && element[0].ValueKind == JsonValueKind.Object)
                .Select(element => element[0].GetProperty("concat"))
                // An interface is listed by name, or by index if it is gone.
                .Select(key => (
                    Link: links.FirstOrDefault(link => key[0].ValueKind == JsonValueKind.String
                        && link.Name == key[0].GetString()),
                    Address: IPAddress.TryParse(key[1].GetString(), out var address) ? address : null))
                .Where(dyno => dyno.Link is not null && dyno.Address is not null)
                .Select(dyno => (dyno.Link!.Index, dyno.Address!)),
        ];
    }

    /// <summary>Dropped packets by counter of the table.</summary>
    public IReadOnlyDictionary<string, long> Counters() => Counters(EgressTable.Table);

    /// <summary>Packets forwarded on the fast path, by counter; empty if the node has none.</summary>
    public IReadOnlyDictionary<string, long> FastPathCounters() => Counters(EgressTable.FastPath);

    private Dictionary<string, long> Counters(string table) =>
        Listed("counter", $"list counters table {table}").ToDictionary(
            counter => counter.GetProperty("name").GetString()!,
            counter => counter.GetProperty("packets").GetInt64());

    /// <summary>Whether another program changed our table since the last check.</summary>
    public bool IsTableForeign() => kernel.Monitor.Take().AreForeign(afterOwn: false);

    /// <summary>Whether state of an earlier run exists.</summary>
    public bool HasLeftovers() => OwnRules().Count > 0 || kernel.Network.Links.Find(TunnelNumbers.Device) is not null;

    /// <summary>
    /// Removes everything unless dynos use it: their packets would leave from the node's address, or not at all.
    /// </summary>
    /// <returns>Why nothing is removed; null if everything is.</returns>
    public string? RemoveIfUnused()
    {
        if (!HasLeftovers())
        {
            return null;
        }

        if (KnownDynos().Select(dyno => dyno.Link).Distinct().Count() is > 0 and var dynos)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{dynos} dynos of this node leave from fixed IPs, and what they need stays until they are gone: take "
                + $"the fixed IPs of their spaces, delete the spaces, or drain the node");
        }

        Remove();
        return null;
    }

    /// <summary>Removes everything, the backstop last.</summary>
    public void Remove()
    {
        Forget();
        kernel.Nftables.Run(EgressTable.Removal);
        RemoveFastPath();
        kernel.Monitor.Take();
        foreach (var neighbour in kernel.Network.Neighbours.List().Where(IsOwnProxy))
        {
            kernel.Network.Neighbours.Delete(neighbour);
        }

        foreach (var route in OwnRoutes())
        {
            kernel.Network.Routes.Delete(route);
        }

        if (kernel.Network.Links.Find(TunnelNumbers.Device) is { } device)
        {
            kernel.Network.Links.Delete(device.Index);
        }

        foreach (var rule in OwnRules())
        {
            kernel.Network.Rules.Delete(rule);
        }

        ReservedPorts.Ensure(areReserved: false);
    }

    public void Dispose() => kernel.Dispose();

    private void RemoveFastPath()
    {
        try
        {
            kernel.Nftables.Run(EgressTable.FastPathRemoval);
        }
        catch (NftablesException e) when (!e.IsForbidden)
        {
            // The kernel has no such tables.
        }
    }

    private List<JsonElement> Listed(string kind, string command)
    {
        try
        {
            using var document = JsonDocument.Parse(kernel.Nftables.Run(command, json: true));
            return
            [
                .. document.RootElement.GetProperty("nftables").EnumerateArray()
                    .Where(item => item.TryGetProperty(kind, out _))
                    .Select(item => item.GetProperty(kind).Clone()),
            ];
        }
        catch (NftablesException e) when (e.IsMissing)
        {
            return [];
        }
    }

    /// <returns>Whether there were differences.</returns>
    private bool Write(EgressPlan plan)
    {
        var wanted = new Tables(plan.Table, plan.FastPath);
        if (!HasFastPath(wanted))
        {
            wanted = wanted with { FastPath = null };
        }

        if (_applied?.ChangesTo(wanted) is { } changes)
        {
            if (changes.Count == 0)
            {
                _applied = wanted;
                return false;
            }

            wanted = Change(changes, wanted);
        }
        else
        {
            wanted = Replace(wanted);
        }

        // Our own messages are queued before the transaction returns.
        kernel.Monitor.Take();
        _applied = wanted;
        return true;
    }

    /// <returns>What was written.</returns>
    private Tables Change(IReadOnlyList<ElementSetChange> changes, Tables wanted)
    {
        try
        {
            if (EgressTable.Encoded(changes) is { } encoded)
            {
                kernel.Elements.Change(EgressTable.Name, encoded);
            }
            else
            {
                kernel.Nftables.Run(EgressTable.Text(changes));
            }

            return wanted;
        }
        catch (NftablesException)
        {
            // The tables are not in the assumed state.
            return Replace(wanted);
        }
    }

    /// <summary>
    /// Writes both tables in one transaction. Without the fast path, which a kernel may not have, packets are forwarded
    /// all the same.
    /// </summary>
    /// <returns>What was written.</returns>
    private Tables Replace(Tables wanted)
    {
        var existing = _applied?.Table.Objects ?? TableObjects.List(kernel.Nftables, EgressTable.Table);
        _applied = null;
        var fastPath = wanted.FastPath?.Replacement ?? EgressTable.FastPathRemoval;
        var ways = existing is null
            ? [wanted.Table.Replacement]
            : new[] { existing.ReplacedBy(wanted.Table.Definition), wanted.Table.Replacement };
        if (HasFastPath(wanted))
        {
            _fastPathRefusal = TryRun(ways.Select(way => way + fastPath));
            if (_fastPathRefusal is null)
            {
                return wanted;
            }

            _refused = wanted.FastPath;
        }

        return TryRun(ways) is { } refusal ? throw new NftablesException(refusal) : wanted with { FastPath = null };

        // Each if the one before is refused; null if one is not.
        string? TryRun(IEnumerable<string> transactions)
        {
            string? refusal = null;
            foreach (var transaction in transactions)
            {
                try
                {
                    kernel.Nftables.Run(transaction);
                    return null;
                }
                catch (NftablesException e) when (!e.IsForbidden)
                {
                    refusal = e.Message;
                }
            }

            return refusal;
        }
    }

    /// <summary>A kernel that refused the fast path is asked again when that is to be another one.</summary>
    private bool HasFastPath(Tables wanted) =>
        _fastPathRefusal is null || wanted.FastPath?.Chains != _refused?.Chains;

    private static bool AreRoutesEqual(EgressPlan left, EgressPlan right) =>
        DifferByDynosOnly(left, right) && left.DynoRules.IsSameAs(right.DynoRules);

    /// <summary>Whether only the backstops of dynos differ: then nothing must be listed from the kernel.</summary>
    private static bool DifferByDynosOnly(EgressPlan left, EgressPlan right) =>
        left.Own == right.Own
        && left.Mtu == right.Mtu
        && left.Local.Equals(right.Local)
        && left.HasTunnel6 == right.HasTunnel6
        && left.ReservesPorts == right.ReservesPorts
        && left.Rules.IsSameAs(right.Rules)
        && left.Routed.IsSameAs(right.Routed)
        && left.Announced.IsSameAs(right.Announced)
        && left.Peers.IsSameAs(right.Peers)
        && left.Uplinks.IsSameAs(right.Uplinks)
        && left.Backs.IsSameAs(right.Backs)
        && left.Facts.IsNative == right.Facts.IsNative
        && left.Facts.Direct.IsSameAs(right.Facts.Direct)
        && left.Backstops.Length == right.Backstops.Length
        && left.Backstops.Zip(right.Backstops).All(pair =>
            pair.First.Space == pair.Second.Space && pair.First.Exempt.IsSameAs(pair.Second.Exempt));

    private int EnsureDevice(EgressPlan plan)
    {
        var wanted = EgressKernelPlanner.Device(plan);
        var link = kernel.Network.Links.Find(wanted.Name);
        if (link is not null && (link.Vxlan != wanted.Settings || !Equals(link.Mac, wanted.Mac)))
        {
            kernel.Network.Links.Delete(link.Index);
            link = null;
        }

        if (link is null)
        {
            kernel.Network.Links.Add(wanted);
            link = kernel.Network.Links.Find(wanted.Name)!;
        }

        // Repeated, because a distribution may configure a new device. Loose mode: the return path is different.
        Sysctl.Ensure($"ipv4/conf/{wanted.Name}/rp_filter", "2");
        Sysctl.Ensure($"ipv4/conf/{wanted.Name}/forwarding", "1");
        Sysctl.Ensure($"ipv4/conf/{wanted.Name}/send_redirects", "0");
        // The reverse path of a packet to a dyno is looked up with the dyno's rules, which have no route without a
        // mark.
        foreach (var name in plan.Uplinks.Prepend(wanted.Name))
        {
            Sysctl.Ensure($"ipv4/conf/{name}/src_valid_mark", "1");
        }

        // The kernel answers for some fixed IPs because their route leads into the tunnel; packets of nodes with these
        // sources arrive on an uplink.
        foreach (var name in plan.Facts is { IsNative: true, IsGateway: true } ? plan.Uplinks : [])
        {
            Sysctl.Ensure($"ipv4/conf/{name}/rp_filter", "2");
        }

        EnsureIfThere($"ipv6/conf/{wanted.Name}/accept_ra", "0");
        EnsureIfThere($"ipv6/conf/{wanted.Name}/forwarding", "1");
        if (!link.IsUp || link.Mtu != plan.Mtu || link.Group != TunnelNumbers.Group)
        {
            kernel.Network.Links.Change(link.Index, new LinkChange
            {
                HasLinkLocal = false,
                Mtu = plan.Mtu,
                IsUp = true,
                Group = TunnelNumbers.Group,
            });
        }

        List<LinkAddress> own = [new(TunnelNumbers.Address(plan.Own), 32, link.Index)];
        if (Sysctl.Read($"ipv6/conf/{wanted.Name}/disable_ipv6") == "0")
        {
            own.Add(new LinkAddress(TunnelNumbers.GateAddress6Of(plan.Own), 128, link.Index));
        }

        var addresses = kernel.Network.Addresses.List();
        foreach (var address in own.Except(addresses))
        {
            // Setting an existing address also causes a notification, and the agent would compare everything in an
            // endless loop.
            kernel.Network.Addresses.Add(address);
        }

        foreach (var address in addresses.Where(address => address.Link == link.Index && !own.Contains(address)
            && (address.Address.AddressFamily == AddressFamily.InterNetwork
                ? TunnelNumbers.Range : TunnelNumbers.Range6).Contains(address.Address)))
        {
            kernel.Network.Addresses.Delete(address);
        }

        return link.Index;
    }

    private static void EnsureIfThere(string name, string value)
    {
        if (Sysctl.Read(name) is not null)
        {
            Sysctl.Ensure(name, value);
        }
    }

    private void EnsureTargets(EgressPlan plan)
    {
        var known = kernel.Network.Neighbours.ListTargets(_device);
        var wanted = EgressKernelPlanner.Targets(plan, _device).ToList();
        foreach (var target in known.Except(wanted))
        {
            kernel.Network.Neighbours.DeleteTarget(target);
        }

        foreach (var target in wanted.Except(known))
        {
            kernel.Network.Neighbours.SetTarget(target);
        }
    }

    private void EnsureRoutesAndRules(EgressPlan plan)
    {
        // Tunnel neighbors must exist before routes through them.
        var neighbours = kernel.Network.Neighbours.List();
        foreach (var neighbour in EgressKernelPlanner.Neighbours(plan, _device)
            .Where(neighbour => !neighbour.IsProxy).Except(neighbours))
        {
            kernel.Network.Neighbours.Set(neighbour);
        }

        var routes = OwnRoutes();
        var wantedRoutes = EgressKernelPlanner.Routes(plan, _device).ToList();
        foreach (var route in wantedRoutes.Except(routes))
        {
            kernel.Network.Routes.Replace(route);
        }

        foreach (var rule in plan.Rules.Concat(plan.DynoRules).Except(OwnRules()))
        {
            kernel.Network.Rules.Add(rule);
        }

        foreach (var route in OwnRoutes().Except(wantedRoutes))
        {
            kernel.Network.Routes.Delete(route);
        }
    }

    private void RemoveOldRules(EgressPlan plan)
    {
        foreach (var rule in OwnRules().Except(plan.Rules.Concat(plan.DynoRules)))
        {
            kernel.Network.Rules.Delete(rule);
        }
    }

    private void EnsureNeighbours(EgressPlan plan)
    {
        var known = kernel.Network.Neighbours.List();
        var wanted = EgressKernelPlanner.Neighbours(plan, _device).ToList();
        foreach (var neighbour in known.Where(neighbour => IsOwnProxy(neighbour)
            || (neighbour.Link == _device && neighbour.IsPermanent && neighbour.Mac is not null)).Except(wanted))
        {
            kernel.Network.Neighbours.Delete(neighbour);
        }

        var announcing = plan.Announced.Select(item => (item.Link, item.Address.AddressFamily)).Distinct().ToList();
        foreach (var link in announcing.Count == 0 ? [] : kernel.Network.Links.List())
        {
            foreach (var (_, family) in announcing.Where(item => item.Link == link.Index))
            {
                AnswerAtOnce(link.Name, family);
            }
        }

        foreach (var neighbour in wanted.Where(neighbour => neighbour.IsProxy).Except(known))
        {
            kernel.Network.Neighbours.Set(neighbour);
        }
    }

    /// <summary>Disables the random delay of the kernel's proxy answers, which would slow a takeover.</summary>
    private static void AnswerAtOnce(string link, AddressFamily family)
    {
        if (family == AddressFamily.InterNetwork)
        {
            Sysctl.Ensure($"ipv4/neigh/{link}/proxy_delay", "0");
            return;
        }

        Sysctl.Ensure($"ipv6/neigh/{link}/proxy_delay", "0");
        Sysctl.Ensure($"ipv6/conf/{link}/proxy_ndp", "1");
    }

    private IReadOnlyList<Route> OwnRoutes() =>
        [.. kernel.Network.Routes.List().Where(route => route.Protocol == EgressKernelPlanner.Protocol)];

    private IReadOnlyList<RoutingRule> OwnRules() =>
        [.. kernel.Network.Rules.List().Where(rule => rule.Protocol == EgressKernelPlanner.Protocol)];

    private static bool IsOwnProxy(Neighbour neighbour) =>
        neighbour.IsProxy && neighbour.Protocol == EgressKernelPlanner.Protocol;

    /// <summary>The tables that are in the kernel.</summary>
    private sealed record Tables(EgressTable Table, EgressTable? FastPath)
    {
        /// <summary>Null if more than elements of sets differ.</summary>
        public IReadOnlyList<ElementSetChange>? ChangesTo(Tables wanted) =>
            wanted.Table.ChangesFrom(Table) is not { } changes || FastPath is null != wanted.FastPath is null
                ? null
                : FastPath is null || ReferenceEquals(FastPath, wanted.FastPath)
                    ? changes
                    : wanted.FastPath!.ChangesFrom(FastPath) is { } others ? [.. changes, .. others] : null;
    }
}
