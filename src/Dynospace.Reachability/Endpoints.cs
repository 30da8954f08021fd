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

    /// <summary>What has this address: a pod, a node, a service or something outside.</summary>
    public static AddressEndpoint At(IPAddress address) => new(address);

    /// <inheritdoc cref="At(IPAddress)"/>
    /// <exception cref="FormatException">The text is not an IP address.</exception>
    public static AddressEndpoint At(string address) =>
        AddressText.TryParse(address, out var ip, out var problem)
            ? new(ip)
            : throw new FormatException($"'{address}' {problem}");
}

/// <summary>A pod. One on the host network stands for its node.</summary>
public sealed record PodEndpoint(string Namespace, string Name) : Endpoint
{
    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>A node itself.</summary>
public sealed record NodeEndpoint(string Name) : Endpoint
{
    /// <inheritdoc/>
    public override string ToString() => $"node {Name}";
}

/// <summary>A service, which stands for its backends.</summary>
public sealed record ServiceEndpoint(string Namespace, string Name) : Endpoint
{
    /// <inheritdoc/>
    public override string ToString() => $"service {Namespace}/{Name}";
}

/// <summary>
/// An address: the pod, node or service of the snapshot that has it, else something outside the cluster.
/// </summary>
public sealed record AddressEndpoint(IPAddress Address) : Endpoint
{
    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}

/// <summary>The snapshot holds no such pod, node or service.</summary>
public sealed class EndpointNotFoundException : Exception
{
    internal EndpointNotFoundException(Endpoint endpoint)
        : base(
            $"the snapshot holds no {(endpoint is PodEndpoint ? "pod " : string.Empty)}{endpoint}; check its name and "
            + $"namespace") =>
        Endpoint = endpoint;

    /// <summary>What was looked for.</summary>
    public Endpoint Endpoint { get; }
}
