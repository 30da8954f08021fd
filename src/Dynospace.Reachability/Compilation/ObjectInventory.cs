using k8s;
using k8s.Models;

namespace Dynospace.Reachability.Compilation;

/// <summary>
/// The objects that matter to the network, by kind and name. Of two with one name the later counts, as when applied in turn;
/// so manifests behind a live cluster's objects show what applying them would do.
/// </summary>
internal sealed class ObjectInventory
{
    public SortedDictionary<string, V1Namespace> Namespaces { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1Node> Nodes { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1Pod> Pods { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1NetworkPolicy> Policies { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1Service> Services { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1EndpointSlice> Slices { get; } = new(StringComparer.Ordinal);

    /// <summary>Namespaces that an object lives in, listed or not.</summary>
    public IEnumerable<string> NamespaceNames => Namespaces.Keys
        .Concat(Pods.Values.Select(pod => ObjectField.NamespaceOf(pod.Metadata)))
        .Concat(Policies.Values.Select(policy => ObjectField.NamespaceOf(policy.Metadata)))
        .Concat(Services.Values.Select(service => ObjectField.NamespaceOf(service.Metadata)))
        .Distinct(StringComparer.Ordinal);

    public void Add(IKubernetesObject item)
    {
        switch (item)
        {
            case V1Namespace value: Namespaces[NameOf(V1Namespace.KubeKind, value.Metadata, false)] = value; break;
            case V1Node value: Nodes[NameOf(V1Node.KubeKind, value.Metadata, false)] = value; break;
            case V1Pod value: Pods[NameOf(V1Pod.KubeKind, value.Metadata, true)] = value; break;
            case V1NetworkPolicy value: Policies[NameOf(V1NetworkPolicy.KubeKind, value.Metadata, true)] = value; break;
            case V1Service value: Services[NameOf(V1Service.KubeKind, value.Metadata, true)] = value; break;
            case V1EndpointSlice value: Slices[NameOf(V1EndpointSlice.KubeKind, value.Metadata, true)] = value; break;
            case V1NamespaceList list: AddAll(list); break;
            case V1NodeList list: AddAll(list); break;
            case V1PodList list: AddAll(list); break;
            case V1NetworkPolicyList list: AddAll(list); break;
            case V1ServiceList list: AddAll(list); break;
            case V1EndpointSliceList list: AddAll(list); break;
            default: break;
        }
    }

    private void AddAll<T>(IItems<T> list)
        where T : IKubernetesObject
    {
        foreach (var item in list.Items)
        {
            Add(item);
        }
    }

    private static string NameOf(string kind, V1ObjectMeta? metadata, bool namespaced) => ObjectField.Of(kind, metadata, namespaced).Name;
}
