using Dynospace.Planning.Facts;
using Dynospace.Runtime;
using System.Text.Json;
using k8s.Models;

namespace Dynospace.Controllers.Caching;

/// <summary>An endpoint slice of the API server's own Service.</summary>
internal sealed record ApiServerSlice(string Name, IReadOnlyList<ApiServerAddress> Addresses)
{
    public const string Namespace = "default";

    public const string Service = "kubernetes";

    public static ApiServerSlice Decode(JsonElement element)
    {
        var slice = JsonObjects.To<V1EndpointSlice>(element);
        var addresses = (slice.Endpoints ?? []).SelectMany(endpoint => endpoint.Addresses ?? []);
        var ports = (slice.Ports ?? []).Select(port => port.Port).OfType<int>().ToList();
        return new ApiServerSlice(
            slice.Metadata.Name, [.. addresses.SelectMany(address => ports.Select(port => new ApiServerAddress(address, port)))]);
    }
}
