using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using k8s;
using k8s.Models;

namespace Dynospace.Controllers.Tests.Support;

/// <summary>A store of given objects, with given indexes.</summary>
internal sealed class KnownStore<T>(
    IReadOnlyCollection<T> objects, params (string Name, Func<T, IEnumerable<string>> Keys)[] indexes) : IStore<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public bool HasSynced => true;

    public int Count => objects.Count;

    public T? Get(ObjectKey key) =>
        objects.FirstOrDefault(known => new ObjectKey(known.Metadata.NamespaceProperty, known.Metadata.Name) == key);

    public IReadOnlyCollection<T> List() => objects;

    public IReadOnlyCollection<T> ByIndex(string indexName, string indexKey) =>
        [.. objects.Where(known => indexes.Single(index => index.Name == indexName).Keys(known).Contains(indexKey))];
}
