using System.Text.Json;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// What is kept of a DaemonSet: what its pods run, where they run in the nodes' own network as the agents of network plugins do; nothing of
/// any other.
/// </summary>
internal sealed record DaemonSetState(string Agent)
{
    private static readonly DaemonSetState Other = new("");

    public static DaemonSetState Decode(JsonElement element)
    {
        var found = JsonObjects.To<V1DaemonSet>(element);
        if (found.Spec?.Template?.Spec is not { HostNetwork: true } pods)
        {
            return Other;
        }

        var images = (pods.InitContainers ?? []).Concat(pods.Containers).Select(container => container.Image);
        return new DaemonSetState($"{found.Metadata.NamespaceProperty}/{found.Metadata.Name}={string.Join(',', images)}");
    }
}
