using System.Net;
using System.Net.Sockets;
using Dynospace.Reachability;
using Dynospace.Reachability.Snapshots;

namespace Dynospace.NodeAgent.Policies;

/// <summary>
/// Addresses of pods for rules: one set for each family, shared by all rules that select the same pods.
/// </summary>
/// <param name="kind">The prefix of the names of its sets.</param>
/// <param name="key">Equal for groups of the same pods.</param>
internal abstract class AddressGroup(string kind, string key)
{
    private readonly string _name4 = TableNames.ForContent(kind, key, AddressFamily.InterNetwork);
    private readonly string _name6 = TableNames.ForContent(kind, key, AddressFamily.InterNetworkV6);

    public string Key { get; } = $"{kind} {key}";

    public string SetName(AddressFamily family) => family == AddressFamily.InterNetwork ? _name4 : _name6;

    public abstract SetType TypeOf(AddressFamily family);

    /// <summary>The elements of the set for an address of a pod.</summary>
    public abstract IReadOnlyList<string> ElementsOf(
        NetworkedPod pod, IReadOnlyDictionary<string, string> namespaceLabels, IPAddress address);
}

/// <summary>Selects pods by the labels of pod and namespace.</summary>
/// <param name="Namespace">The only namespace; null if labels select it.</param>
/// <param name="Namespaces">The namespace selector; null if the name selects it.</param>
/// <param name="Pods">The pod selector; null for all pods.</param>
internal sealed record PodSelection(string? Namespace, CompiledSelector? Namespaces, CompiledSelector? Pods)
{
    /// <summary>Equal for equal selections. Namespace names cannot contain its separators.</summary>
    public string Key { get; } =
        $"{Namespace ?? $"({Namespaces?.CanonicalText})"}/{Pods?.CanonicalText}";

    public bool Matches(NetworkedPod pod, IReadOnlyDictionary<string, string> namespaceLabels) =>
        (Namespace is null ? Namespaces!.Matches(namespaceLabels) : Namespace == pod.Key.Namespace)
        && (Pods is null || Pods.Matches(pod.Labels));
}

/// <summary>The addresses of selected pods.</summary>
internal sealed class PeerGroup(IReadOnlyList<PodSelection> selections)
    : AddressGroup(
        "peers", string.Join('|', selections.Select(item => item.Key).Distinct().Order(StringComparer.Ordinal)))
{
    public override SetType TypeOf(AddressFamily family) => SetType.Addresses(family);

    public override IReadOnlyList<string> ElementsOf(
        NetworkedPod pod, IReadOnlyDictionary<string, string> namespaceLabels, IPAddress address)
    {
        foreach (var selection in selections)
        {
            if (selection.Matches(pod, namespaceLabels))
            {
                return [address.ToString()];
            }
        }

        return [];
    }
}

/// <summary>
/// The named ports of pods. The port number is that of the destination regardless of which side's rule uses the name,
/// so one set serves both directions.
/// </summary>
internal sealed class NamedPortGroup(TransportProtocol protocol, string name)
    : AddressGroup("named", $"{protocol} {name}")
{
    public override SetType TypeOf(AddressFamily family) => SetType.Services(family);

    public override IReadOnlyList<string> ElementsOf(
        NetworkedPod pod, IReadOnlyDictionary<string, string> namespaceLabels, IPAddress address)
    {
        List<string>? elements = null;
        foreach (var named in pod.NamedPorts)
        {
            if (named.Name == name && named.Port.Protocol == protocol)
            {
                var element = Elements.Service(address, Elements.ProtocolOf(protocol), named.Port.Number);
                elements ??= [];
                if (!elements.Contains(element))
                {
                    elements.Add(element);
                }
            }
        }

        return elements ?? (IReadOnlyList<string>)[];
    }
}
