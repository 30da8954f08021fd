namespace DevCluster.ApiServer.Registry;

public enum AdmissionOperation
{
    Create,
    Update,
    Delete,
}
