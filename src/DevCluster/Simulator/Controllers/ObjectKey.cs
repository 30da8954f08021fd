using DevCluster.ApiServer.Storage;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// Where an object is found among those of its resource; the namespace of cluster-scoped ones is empty.
/// </summary>
internal readonly record struct ObjectKey(string Namespace, string Name)
{
    public static ObjectKey Of(StoredObject found) => new(found.Namespace ?? "", found.Name);

    /// <summary>The namespace as the registry wants it.</summary>
    public string? Scope => Namespace.Length == 0 ? null : Namespace;
}
