namespace Dynospace.Runtime.Transport;

/// <summary>How requests are made.</summary>
public sealed record ApiTransportOptions
{
    /// <summary>How long a request may take, a watch's stream excepted: KubernetesClient's HTTP client waits for ever.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How the process names itself.</summary>
    public string UserAgent { get; init; } = "dynospace-runtime";
}
