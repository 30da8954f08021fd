namespace Dynospace.DevCluster.Admission;

public enum AdmissionOperation
{
    Create,
    Update,
    Delete,
}
