using System.Net;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Reachability;

/// <summary>An end of a connection, by name. The evaluator looks it up in its snapshot.</summary>
public abstract record Endpoint
{
    private protected Endpoint()
    {
    }

    /// <summary>A pod.</summary>
    public static PodEndpoint Pod(string @namespace, string name) => new(@namespace, name);

    /// <summary>A node itself: its kubelet, its system processes.</summary>
    public static NodeEndpoint Node(string name) => new(name);

    /// <summary>A service; only a target.</summary>
    public static ServiceEndpoint Service(string @namespace, string name) => new(@namespace, name);

    /// <summary>Whoever has this address: a pod, a node, a service or something outside.</summary>
    public static AddressEndpoint At(IPAddress address) => new(address);

    /// <inheritdoc cref="At(IPAddress)"/>
    /// <exception cref="FormatException">The text is no IP address.</exception>
    public static AddressEndpoint At(string address) =>
        AddressText.TryParse(address, out var ip, out var problem) ? new(ip) : throw new FormatException($"'{address}' {problem}");
}
