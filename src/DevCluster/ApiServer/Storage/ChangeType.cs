namespace DevCluster.ApiServer.Storage;

public enum ChangeType
{
    Added,
    Modified,
    Deleted,
}
