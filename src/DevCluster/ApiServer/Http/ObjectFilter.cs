using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Http;

/// <summary>Which objects a list, watch or deletecollection is about.</summary>
internal sealed class ObjectFilter(string? ns, LabelSelector labels, FieldSelector fields, VersionedObjects versioned)
{
    public static ObjectFilter From(ResourceRequest request)
    {
        var fields = FieldSelector.Parse(request.Query["fieldSelector"].ToString(), request.Definition);
        var labels = LabelSelector.Parse(request.Query["labelSelector"].ToString());
        return new ObjectFilter(request.Namespace, labels, fields, new VersionedObjects(request.Definition));
    }

    public string? Namespace => ns;

    /// <summary>True when nothing but the namespace restricts.</summary>
    public bool IsOpen => labels.IsEmpty && fields.IsEmpty;

    public bool Matches(StoredObject stored) =>
        (ns is null || stored.Namespace == ns)
        && (labels.IsEmpty || labels.Matches(stored.Content.Map("metadata", "labels")))
        && (fields.IsEmpty || fields.Matches(versioned.Content(stored)));
}
