namespace DevCluster.ApiServer.Http;

/// <summary>In which form objects are to be answered.</summary>
internal enum Representation
{
    Object,
    Table,
    PartialMetadata,
}
