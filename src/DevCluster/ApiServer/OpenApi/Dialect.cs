namespace DevCluster.ApiServer.OpenApi;

/// <summary>The two forms in which the API describes itself.</summary>
internal enum Dialect
{
    V2,
    V3,
}
