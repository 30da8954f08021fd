using Dynospace.Api;
using Dynospace.Planning.Components;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Dns;

/// <summary>The DNS of one Private or Shield space.</summary>
/// <param name="Space">The space.</param>
public sealed record SpaceDnsIdentity(string Space)
{
    /// <summary>
    /// The name of its Deployment, Service, account, policy and configuration in the system namespace.
    /// </summary>
    public string Name => ComponentName.Shortened($"{ComponentValues.SpaceDns}-{Space}");

    /// <summary>
    /// The name of its ClusterRole and ClusterRoleBinding, with a prefix since other programs share these names.
    /// </summary>
    public string ClusterName => $"dynospace-{Name}";

    /// <summary>Whether an object with these labels is one of its parts.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault(Labels.Component) == ComponentValues.SpaceDns
        && labels.GetValueOrDefault(Labels.Space) == Space;

    /// <summary>The selector of its pods.</summary>
    internal SortedDictionary<string, string> Selector() =>
        new(StringComparer.Ordinal) { [Labels.Component] = ComponentValues.SpaceDns, [Labels.Space] = Space };

    /// <summary>The labels of all its parts.</summary>
    internal SortedDictionary<string, string> ObjectLabels()
    {
        var labels = Selector();
        labels[Labels.ManagedBy] = Labels.ManagedByValue;
        labels[Labels.Name] = ComponentValues.SpaceDns;
        labels[Labels.Instance] = Name;
        labels[Labels.ComponentName] = ComponentValues.SpaceDns;
        labels[Labels.PartOf] = Space;
        return labels;
    }

    /// <summary>The metadata of its parts in the system namespace.</summary>
    internal V1ObjectMeta Metadata(PlatformOptions options) =>
        new() { Name = Name, NamespaceProperty = options.Cluster.SystemNamespace, Labels = ObjectLabels() };
}

/// <summary>Ports of the pods and the Service of a space's DNS.</summary>
internal static class SpaceDnsPorts
{
    /// <summary>The port on which pods listen. A port below 1024 would need a capability.</summary>
    public const int Dns = 5353;

    /// <summary>The port of the liveness probe.</summary>
    public const int Health = 8080;

    /// <summary>The port of the readiness probe.</summary>
    public const int Ready = 8181;

    /// <summary>The port of the Service.</summary>
    public const int Public = 53;
}
