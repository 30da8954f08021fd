namespace Dynospace.Reachability;

/// <summary>The snapshot holds no such pod, node or service.</summary>
public sealed class EndpointNotFoundException : Exception
{
    internal EndpointNotFoundException(Endpoint endpoint)
        : base($"the snapshot holds no {(endpoint is PodEndpoint ? "pod " : string.Empty)}{endpoint}; check its name and namespace") =>
        Endpoint = endpoint;

    /// <summary>What was looked for.</summary>
    public Endpoint Endpoint { get; }
}
