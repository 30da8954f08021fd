using Dynospace.Api;
using Dynospace.Planning.Components;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>One router: that of a space's listener, or the one that all Common spaces share.</summary>
/// <param name="Listener">The listener.</param>
/// <param name="Space">The Private or Shield space; null for the shared one.</param>
public sealed record RouterIdentity(RouterListener Listener, string? Space)
{
    /// <summary>The router of all Common spaces.</summary>
    public static RouterIdentity Shared { get; } = new(RouterListener.Public, null);

    /// <summary>The value of <see cref="Labels.Component"/>.</summary>
    public string Component =>
        Listener == RouterListener.Public ? ComponentValues.RouterPublic : ComponentValues.RouterInternal;

    /// <summary>The name of its Deployment, Service, account and policy in the system namespace.</summary>
    public string Name => Space is null ? Component : ComponentName.Shortened($"{Component}-{Space}");

    /// <summary>
    /// The name of its ClusterRole and ClusterRoleBinding, with a prefix since other programs share these names.
    /// </summary>
    public string ClusterName => $"dynospace-{Name}";

    /// <summary>Whether an object with these labels is one of its parts.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        labels.TryGetValue(Labels.Component, out var component) && component == Component
        && (labels.TryGetValue(Labels.Space, out var space) ? space : null) == Space;

    /// <summary>
    /// The selector of its pods. It contains the name, since the shared router has no label of a space and a Service
    /// cannot select by the absence of a label. Otherwise the shared Service would send requests to routers of Private
    /// spaces.
    /// </summary>
    internal SortedDictionary<string, string> Selector() =>
        new(StringComparer.Ordinal) { [Labels.Component] = Component, [Labels.Instance] = Name };

    /// <summary>The labels of all its parts.</summary>
    public SortedDictionary<string, string> ObjectLabels()
    {
        var labels = Selector();
        if (Space is not null)
        {
            labels[Labels.Space] = Space;
        }

        labels[Labels.ManagedBy] = Labels.ManagedByValue;
        labels[Labels.Name] = "router";
        labels[Labels.ComponentName] = Component;
        labels[Labels.PartOf] = Space ?? Labels.ManagedByValue;
        return labels;
    }

    /// <summary>The metadata of its parts in the system namespace.</summary>
    internal V1ObjectMeta Metadata(PlatformOptions options) =>
        new() { Name = Name, NamespaceProperty = options.Cluster.SystemNamespace, Labels = ObjectLabels() };

    /// <summary>The labels of its pods.</summary>
    public SortedDictionary<string, string> PodLabels()
    {
        var labels = ObjectLabels();
        if (Listener == RouterListener.Public)
        {
            labels[Labels.Callers] = Labels.CallersJudged;
        }

        return labels;
    }
}

/// <summary>The two kinds of listeners. Each has its own pods, since policies select whole pods.</summary>
public enum RouterListener
{
    /// <summary>For trusted ranges; serves apps without internal routing.</summary>
    Public,

    /// <summary>For the space and its peer networks; serves apps with internal routing.</summary>
    Internal,
}

/// <summary>Ports of the router's pods and Services.</summary>
public static class RouterPorts
{
    /// <summary>The port of pods for HTTP.</summary>
    public const int Http = 8080;

    /// <summary>The port of pods for HTTPS.</summary>
    public const int Https = 8443;

    /// <summary>The port of pods for probes and metrics.</summary>
    public const int Health = 9090;

    /// <summary>The port of pods for log lines of requests.</summary>
    public const int Lines = 9091;

    /// <summary>The port of Services for HTTP.</summary>
    public const int PublicHttp = 80;

    /// <summary>The port of Services for HTTPS.</summary>
    public const int PublicHttps = 443;

    internal static IReadOnlyList<int> Listening { get; } = [Http, Https];
}
