using System.Collections.Immutable;
using Dynospace.Reachability.Snapshots;

namespace Dynospace.Reachability.Evaluation;

/// <summary>
/// Maps a service's port to its backends. Unready ones count too: readiness passes, and what policies admit does not
/// depend on it.
/// </summary>
internal sealed class ServiceBackends(SnapshotContent content, EndpointResolver resolver)
{
    /// <summary>The backends by name; none where the service does not listen on the port.</summary>
    public ImmutableArray<Backend> Behind(CompiledService service, TransportPort port) =>
    [
        .. (service.IsHeadless ? Headless(service, port) : Mapped(service, port))
            .DistinctBy(backend => (backend.End.Display, backend.Port))
            .OrderBy(backend => backend.End.Display, StringComparer.Ordinal)
            .ThenBy(backend => backend.Port.Number),
    ];

    /// <summary>Nothing is translated: the client connects to the pods' addresses on the port of its choice.</summary>
    private IEnumerable<Backend> Headless(CompiledService service, TransportPort port) => service.Slices.IsEmpty
        ? SelectedPods(service).Select(pod => new Backend(pod.End, port))
        : service.Slices.SelectMany(slice => slice.Backends).SelectMany(Ends).Select(end => new Backend(end, port));

    private IEnumerable<Backend> Mapped(CompiledService service, TransportPort port)
    {
        var listening = service.Ports.FirstOrDefault(candidate => candidate.Port == port);
        if (listening is null)
        {
            return [];
        }

        return service.Slices.IsEmpty
            ? from pod in SelectedPods(service)
              let target = listening.On(pod.Pod)
              where target is not null
              select new Backend(pod.End, target.Value)
            : from slice in service.Slices
              from slicePort in slice.Ports
              where slicePort.Name == listening.Name && slicePort.Protocol == port.Protocol
              from end in slice.Backends.SelectMany(Ends)
              select new Backend(end, new TransportPort(port.Protocol, slicePort.Number ?? port.Number));
    }

    private IEnumerable<SnapshotPod> SelectedPods(CompiledService service) =>
        service.Selector is { } selector
        && content.PodsByNamespace.TryGetValue(service.Endpoint.Namespace, out var pods)
            ? pods.Where(pod => !pod.Pod.HasEnded && selector.Matches(pod.Pod.Labels))
            : [];

    private IEnumerable<NetworkEnd> Ends(SliceBackend backend) =>
        backend.Pod is { } named && content.Pods.TryGetValue(named, out var pod)
            ? pod.Pod.HasEnded ? [] : [pod.End]
            : backend.Addresses.Select(resolver.Resolve);
}

/// <summary>Where a connection to a service goes.</summary>
internal sealed record Backend(NetworkEnd End, TransportPort Port);
