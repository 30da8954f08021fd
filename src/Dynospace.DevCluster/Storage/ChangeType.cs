namespace Dynospace.DevCluster.Storage;

public enum ChangeType
{
    Added,
    Modified,
    Deleted,
}
