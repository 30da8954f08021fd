using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Planning.Sizes;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Cli.Doctor;

/// <summary>
/// The limit of a pod's processes and threads is a setting of each node's kubelet, the same for all pods: no size can
/// set it. A node's limit may be lower than that of a size on the platform.
/// </summary>
internal static class ProcessLimits
{
    /// <summary>The checks of the nodes whose limit is known. Pure.</summary>
    public static IReadOnlyList<Check> Run(ObservedPlatform seen)
    {
        var sizes = (seen.Options?.Dynos.Sizes ?? DynoSizeTable.Platform).All;
        return
        [
            .. seen.PodPidsLimits.OrderBy(node => node.Key, StringComparer.Ordinal)
                .Select(node => CheckOf(node.Key, node.Value, sizes)),
        ];
    }

    /// <summary>The kubelet's <c>podPidsLimit</c> of each node that the user may ask; null for none.</summary>
    public static async Task<IReadOnlyDictionary<string, long?>> ReadAsync(
        ApiTransport transport, IEnumerable<V1Node> nodes, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, long?>(StringComparer.Ordinal);
        foreach (var node in nodes.Select(node => node.Metadata.Name))
        {
            try
            {
                await using var text = await transport.OpenTextAsync(
                    ResourceKind.For<V1Node>(), ObjectKey.ClusterScoped(node), "proxy/configz",
                    new Dictionary<string, string>(), cancellationToken);
                var limit = (long?)(await JsonNode.ParseAsync(text, cancellationToken: cancellationToken))
                    ?["kubeletconfig"]?["podPidsLimit"];
                found[node] = limit > 0 ? limit : null;
            }
            catch (ApiException e) when (e.Code == HttpStatusCode.Forbidden)
            {
                // Whether a user may ask a kubelet does not depend on the node.
                break;
            }
            catch (Exception e) when (e is ApiException or HttpRequestException or IOException
                or System.Text.Json.JsonException)
            {
                // The node does not answer, or is simulated: its limit stays unknown.
            }
        }

        return found;
    }

    private static Check CheckOf(string node, long? limit, IReadOnlyList<DynoSize> sizes)
    {
        var subject = new Subject("node", node);
        if (limit is not { } most)
        {
            return new(
                subject, "processes", CheckResult.Warning,
                "its kubelet limits no pod's processes, so that one dyno can use up all that the node has",
                "set podPidsLimit in the kubelet's configuration");
        }

        var less = sizes.Where(size => size.Threads > most).ToList();
        return less.Count == 0
            ? new(subject, "processes", CheckResult.Ok, $"{most} for each pod")
            : new(
                subject, "processes", CheckResult.Warning,
                $"its kubelet gives each pod {most} processes and threads, fewer than the sizes "
                + $"{string.Join(", ", less.Select(size => $"{size.Name} ({size.Threads})"))} have on the platform",
                "raise podPidsLimit in the kubelet's configuration where dynos of these sizes run");
    }
}
