using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>Stands in for the UIDs that an API server gives: the same for the same name, so that names that follow from them are stable.</summary>
internal static class SyntheticUid
{
    public static string Of(IKubernetesObject<V1ObjectMeta> item) => $"{item.Kind}/{item.Metadata.NamespaceProperty}/{item.Metadata.Name}";

    public static void Give(IKubernetesObject<V1ObjectMeta> item)
    {
        item.Metadata.Uid = Of(item);
        item.Metadata.Generation = 1;
    }
}
