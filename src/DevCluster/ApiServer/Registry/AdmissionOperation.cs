namespace DevCluster.ApiServer.Registry;

public enum AdmissionOperation
{
    Create,
    Update,
    Delete,

    /// <summary>A request that opens a connection, such as <c>pods/exec</c>; the object holds its options.</summary>
    Connect,
}
