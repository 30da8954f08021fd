namespace DevCluster.ApiServer.Registry;

/// <summary>What becomes of dependents; null in a request means the resource's default (Background).</summary>
public enum DeletionPropagation
{
    Background,
    Foreground,
    Orphan,
}
