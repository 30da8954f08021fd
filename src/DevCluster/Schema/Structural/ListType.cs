namespace DevCluster.Schema.Structural;

/// <summary>How server-side apply merges a list (<c>x-kubernetes-list-type</c>).</summary>
public enum ListType
{
    Atomic,
    Set,
    Map,
}
