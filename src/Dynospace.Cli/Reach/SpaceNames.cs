using System.Collections.ObjectModel;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Terminal;
using Dynospace.Planning;
using Dynospace.Reachability;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>
/// The names that mean something in one space: its dynos, its Services, its data services and its peer networks.
/// </summary>
internal sealed class SpaceNames(ReachWorld world, Space space)
{
    private readonly string _name = space.Metadata.Name;

    /// <summary>
    /// Everything that has the name: dynos, Services and data services may share one. Empty if nothing has it.
    /// </summary>
    public IReadOnlyList<ReachEnd> Find(string name) => [.. Dynos(name), .. Services(name), .. DataServices(name)];

    /// <summary>All names that <see cref="Find"/> knows, for messages.</summary>
    public IEnumerable<string> All =>
        DynoPodLookup.InSpace(world, _name).Select(entry => entry.Dyno)
            .Concat(
                world.In<V1Service>(_name)
                    .Where(service => service.Spec?.ClusterIP != "None")
                    .Select(service => service.Metadata.Name))
            .Concat((space.Spec.DataServices ?? []).Select(service => service.Name));

    /// <exception cref="CliException">The space has no such peer network.</exception>
    public ReachEnd Peer(string name)
    {
        var peers = space.Spec.PeerNetworks ?? [];
        var peer = peers.FirstOrDefault(peer => peer.Name == name)
            ?? throw new CliException(
                $"peer/{name}: space {_name} has no such peer network: it has "
                + $"{string.Join(", ", peers.Select(one => one.Name).DefaultIfEmpty("none"))}.");
        var (ranges, address) = SpaceRanges.Read(peer.Cidrs);
        return new ReachEnd($"peer network {name} ({string.Join(", ", peer.Cidrs)})", Endpoint.At(address))
        {
            Ranges = ranges,
        };
    }

    private IEnumerable<ReachEnd> Dynos(string name) => DynoPodLookup.InSpace(world, _name)
        .Where(entry => entry.Dyno == name)
        .Select(entry => new ReachEnd($"{_name}/{name}", StandIns.EndpointOf(entry.Pod))
        {
            DefaultPort = Label(entry.Pod, Labels.ProcessType) == ProcessTypes.Web
                ? TransportPort.Tcp(world.Options.Dynos.Port)
                : null,
        });

    private IEnumerable<ReachEnd> Services(string name) => world.In<V1Service>(_name)
        .Where(service => service.Metadata.Name == name)
        .Select(service => new ReachEnd($"Service {_name}/{name}", Endpoint.Service(_name, name))
        {
            DefaultPort = service.Spec?.Ports is [var only]
                && TransportPort.TryParse($"{only.Port}/{only.Protocol ?? "TCP"}", out var port) ? port : null,
        });

    private IEnumerable<ReachEnd> DataServices(string name)
    {
        foreach (var service in (space.Spec.DataServices ?? []).Where(service => service.Name == name))
        {
            var port = service.Ports is [var only] ? TransportPort.Tcp(only) : (TransportPort?)null;
            if (service.PodSelector is null)
            {
                var (ranges, address) = SpaceRanges.Read(service.Cidrs!);
                var where = ranges is null ? address.ToString() : string.Join(", ", service.Cidrs!);
                yield return new ReachEnd($"data service {_name}/{name} ({where})", Endpoint.At(address))
                {
                    Ranges = ranges,
                    DefaultPort = port,
                };
            }
            else if (PodOf(service) is { } pod)
            {
                yield return new ReachEnd(
                    $"data service {_name}/{name} (pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name})",
                    StandIns.EndpointOf(pod))
                {
                    DefaultPort = port,
                };
            }
            else if (StandIns.DataService(service, _name) is { } assumed)
            {
                yield return new ReachEnd($"data service {_name}/{name}", StandIns.EndpointOf(assumed))
                {
                    DefaultPort = port,
                    StandIn = assumed,
                    Note = StandIns.Note,
                };
            }
        }
    }

    /// <summary>The first pod by name that its selector selects; dynos are never data services.</summary>
    private V1Pod? PodOf(DataService service) => world.In<V1Pod>(service.Namespace ?? _name)
        .Where(pod => LabelSelectors.Matches(service.PodSelector!, LabelsOf(pod)) && Label(pod, Labels.Dyno) is null)
        .Where(pod => pod.Status?.Phase is not ("Succeeded" or "Failed"))
        .MinBy(pod => pod.Metadata.Name, StringComparer.Ordinal);

    private static string? Label(V1Pod pod, string key) => LabelsOf(pod).GetValueOrDefault(key);

    private static ReadOnlyDictionary<string, string> LabelsOf(V1Pod pod) =>
        (pod.Metadata.Labels ?? new Dictionary<string, string>()).AsReadOnly();
}
