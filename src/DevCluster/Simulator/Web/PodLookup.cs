using System.Collections.Concurrent;
using System.Net;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Web;

/// <summary>Finds the pod that listens at an address.</summary>
internal sealed class PodLookup(IResourceRegistry registry)
{
    /// <summary>The last pod found at each address, which avoids a search through all pods.</summary>
    private readonly ConcurrentDictionary<string, StoredObject> _known = new(StringComparer.Ordinal);

    /// <summary>The pod, if one of its containers runs and declares this port.</summary>
    public StoredObject? FindListening(IPEndPoint endpoint)
    {
        var address = endpoint.Address.ToString();
        var pod = Find(address);
        return pod is not null && IsListening(pod, endpoint.Port) ? pod : null;
    }

    /// <summary>The pod that last listened there, even if it no longer does.</summary>
    public StoredObject? FindLast(IPEndPoint endpoint) => _known.GetValueOrDefault(endpoint.Address.ToString());

    private StoredObject? Find(string address)
    {
        if (_known.TryGetValue(address, out var known)
            && registry.Get(KnownResources.Pods, known.Namespace, known.Name) is { } current && IsAt(current, address))
        {
            return current;
        }

        var found = registry.List(KnownResources.Pods).FirstOrDefault(pod => IsAt(pod, address));
        if (found is not null)
        {
            _known[address] = found;
        }

        return found;
    }

    private static bool IsAt(StoredObject pod, string address) =>
        pod.Content.Text("status", "podIP") == address && pod.Content.Text("status", "phase") == "Running";

    private static bool IsListening(StoredObject pod, int port)
    {
        var running = pod.Content.Map("status").Items("containerStatuses")
            .Where(status => status.Map("state", "running") is not null)
            .Select(status => status.Text("name"))
            .ToHashSet();
        return pod.Content.Map("spec").Items("containers")
            .Where(container => running.Contains(container.Text("name")))
            .SelectMany(container => container.Items("ports"))
            .Any(open => open.Number("containerPort") == port);
    }
}
