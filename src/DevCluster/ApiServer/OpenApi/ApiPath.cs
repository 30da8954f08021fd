namespace DevCluster.ApiServer.OpenApi;

/// <summary>One path and what can be done there.</summary>
internal sealed record ApiPath(
    string Path, IReadOnlyList<RequestParameter> Parameters, IReadOnlyList<ApiOperation> Operations);
