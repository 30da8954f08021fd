using System.Collections.Immutable;
using System.Net;
using Dynospace.Linux.Networking;

namespace Dynospace.NodeAgent.Egress;

/// <summary>A pod of this node in the namespace of a space with fixed IPs, as shown by the API server.</summary>
/// <param name="Uid">The uid, which distinguishes pods with the same name.</param>
/// <param name="Name">Namespace and name, for messages.</param>
/// <param name="Space">The key of its space.</param>
/// <param name="Addresses">Its addresses, each with the number of its fixed IP.</param>
internal sealed record EgressPod(
    string Uid, string Name, int Space, ImmutableArray<(IPAddress Address, int? Number)> Addresses)
{
    /// <summary>Whether it is being deleted: its data may be outdated.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>The younger of two pods that claim an address has it.</summary>
    public DateTime Created { get; init; }
}

/// <summary>
/// Finds the interfaces of pods, and keeps each pod bound to its first one. The API server may still show a pod whose
/// address already belongs to another pod. A pod whose interface is gone is therefore not bound to the next interface
/// with its address, and a pod that is being deleted is bound only if an earlier run of the agent did so.
/// </summary>
/// <param name="earlier">The interfaces and addresses of dynos in the kernel's rules at the start.</param>
internal sealed class EgressMembers(IEnumerable<(int Link, IPAddress Address)> earlier)
{
    private readonly HashSet<(int Link, IPAddress Address)> _earlier = [.. earlier];
    private readonly Dictionary<(string Uid, IPAddress Address), int> _bound = [];

    /// <summary>Why a pod has no interface of its own, by pod name.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; private set; } =
        ImmutableDictionary<string, string>.Empty;

    /// <summary>Binds pods to interfaces; returns the dynos by which packets are identified.</summary>
    public ImmutableArray<EgressDyno> Bind(
        IReadOnlyCollection<EgressPod> pods, IReadOnlyCollection<Link> links, IReadOnlyCollection<Route> routes)
    {
        var byIndex = links.ToDictionary(link => link.Index);
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        var dynos = new List<EgressDyno>();
        var taken = new HashSet<IPAddress>();
        var alive = pods.SelectMany(pod => pod.Addresses.Select(item => (pod.Uid, item.Address))).ToHashSet();
        foreach (var key in _bound.Keys.Where(key => !alive.Contains(key)).ToList())
        {
            _bound.Remove(key);
        }

        foreach (var pod in pods.OrderBy(pod => pod.IsTerminating).ThenByDescending(pod => pod.Created))
        {
            foreach (var (address, number) in pod.Addresses.Where(item => taken.Add(item.Address)))
            {
                var key = (pod.Uid, address);
                if (!_bound.TryGetValue(key, out var index))
                {
                    var link = Find(address, byIndex, routes, out var problem);
                    if (pod.IsTerminating && (link is null || !_earlier.Contains((link.Index, address))))
                    {
                        continue;
                    }

                    if (link is null)
                    {
                        problems[pod.Name] = problem;
                        continue;
                    }

                    if (_bound.Any(other => other.Value == link.Index && other.Key.Uid != pod.Uid))
                    {
                        problems[pod.Name] = $"its interface {link.Name} is another pod's";
                        continue;
                    }

                    _bound[key] = index = link.Index;
                }

                if (byIndex.TryGetValue(index, out var own))
                {
                    dynos.Add(new EgressDyno(index, own.Name, address, pod.Space, number));
                }
            }
        }

        Problems = problems;
        return [.. dynos.OrderBy(dyno => dyno.Link).ThenBy(dyno => dyno.Address.ToString(), StringComparer.Ordinal)];
    }

    private static Link? Find(
        IPAddress address, Dictionary<int, Link> links, IReadOnlyCollection<Route> routes, out string problem)
    {
        var route = routes
            .Where(route => route is { Kind: RouteKind.Unicast, Link: not null, Gateway: null }
                && route.Protocol != EgressKernelPlanner.Protocol
                && route.Destination.BaseAddress.AddressFamily == address.AddressFamily
                && route.Destination.PrefixLength > 0
                && route.Destination.Contains(address))
            .MaxBy(route => route.Destination.PrefixLength);
        if (route is null || !links.TryGetValue(route.Link!.Value, out var link))
        {
            problem = $"no interface of this node leads to {address} yet";
            return null;
        }

        problem = link.Kind == "bridge"
            ? $"{address} is on the bridge {link.Name}, where all pods share one interface and nothing tells them "
                + "apart: fixed IPs need a network that gives each pod an interface of its own on the node"
            : link.Kind == "veth"
                ? ""
                : $"{address} is behind {link.Name}, which is not one pod's interface: use the provider of the "
                    + "cluster's network";
        return problem.Length == 0 ? link : null;
    }
}

/// <summary>Pure: the uplinks of this node.</summary>
/// <param name="Names">The links on which packets from outside arrive.</param>
/// <param name="AnnouncedOn">By fixed IP, the index of the link whose network contains it.</param>
/// <param name="Mtu">The MTU of the link with the node's address.</param>
internal sealed record EgressUplinks(
    ImmutableArray<string> Names, ImmutableDictionary<IPAddress, int> AnnouncedOn, int Mtu)
{
    public static EgressUplinks Find(
        TunnelNode node, IEnumerable<FixedIP> fixedAddresses, IReadOnlyCollection<Link> links,
        IReadOnlyCollection<LinkAddress> addresses, IReadOnlyCollection<Route> routes)
    {
        var byIndex = links.Where(link => link.Name != TunnelNumbers.Device && !link.IsLoopback)
            .ToDictionary(link => link.Index);
        var announcedOn = fixedAddresses
            .Select(item => (item.Address, Link: addresses.FirstOrDefault(
                address => byIndex.ContainsKey(address.Link)
                    && !address.IsSingle
                    && address.Shares(item.Address))?.Link))
            .Where(item => item.Link is not null)
            .DistinctBy(item => item.Address)
            .ToImmutableDictionary(item => item.Address, item => item.Link!.Value);
        var own = addresses.Where(address => node.Addresses.Contains(address.Address)).Select(address => address.Link);
        var defaults = routes.Where(route => route.IsDefault).Select(route => route.Link).OfType<int>();
        var all = own.Concat(defaults).Concat(announcedOn.Values).Distinct().Where(byIndex.ContainsKey).ToList();
        var mtu = addresses.Where(address => address.Address.Equals(node.Address)
                && byIndex.ContainsKey(address.Link))
            .Select(address => byIndex[address.Link].Mtu).FirstOrDefault(1500);
        return new EgressUplinks(
            [.. all.Select(index => byIndex[index].Name).Order(StringComparer.Ordinal)], announcedOn, mtu);
    }
}
