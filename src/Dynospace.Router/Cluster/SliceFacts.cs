using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Router.Cluster;

/// <summary>What the router keeps of an EndpointSlice.</summary>
/// <param name="Service">The Service that it is of, from the owner reference and the label alike; null when it is not to be believed.</param>
/// <param name="Ports">Its TCP ports.</param>
/// <param name="Endpoints">The pods that are ready.</param>
internal sealed record SliceFacts(ObjectKey? Service, ImmutableArray<int> Ports, ImmutableArray<SliceEndpoint> Endpoints)
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    public static SliceFacts Decode(JsonElement element) => Of(JsonObjects.To<V1EndpointSlice>(element));

    public static SliceFacts Of(V1EndpointSlice slice)
    {
        var name = slice.Metadata.Labels?.TryGetValue(ServiceLabel, out var label) == true ? label : null;
        var isOwned = slice.Metadata.OwnerReferences?.Any(owner =>
            owner is { Kind: "Service", ApiVersion: "v1", Controller: true } && owner.Name == name) == true;
        return new SliceFacts(
            isOwned ? new ObjectKey(slice.Metadata.NamespaceProperty, name!) : null,
            [.. (slice.Ports ?? []).Where(port => port.Protocol is null or "TCP").Select(port => port.Port).OfType<int>()],
            [.. (slice.Endpoints ?? []).Where(IsReady).Select(endpoint => Endpoint(slice, endpoint)).OfType<SliceEndpoint>()]);
    }

    /// <summary>Not said means ready. A dyno that is being ended is not ready, whatever its process still answers.</summary>
    private static bool IsReady(V1Endpoint endpoint) => endpoint.Conditions?.Ready != false && endpoint.Conditions?.Terminating != true;

    private static SliceEndpoint? Endpoint(V1EndpointSlice slice, V1Endpoint endpoint) =>
        endpoint is { TargetRef: { Kind: "Pod" } target, Addresses: [var text, ..] }
        && target.NamespaceProperty == slice.Metadata.NamespaceProperty
        && IPAddress.TryParse(text, out var address)
            ? new SliceEndpoint(target.Name, address)
            : null;
}
