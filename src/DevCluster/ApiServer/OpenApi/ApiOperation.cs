namespace DevCluster.ApiServer.OpenApi;

/// <summary>One request that the API answers, without the wording of either dialect.</summary>
/// <param name="Method">The HTTP method in lower case.</param>
/// <param name="Action">The verb: <c>list</c>, <c>post</c>, <c>deletecollection</c>, ...</param>
/// <param name="Response">The definition that a success carries.</param>
internal sealed record ApiOperation(string Method, string Action, string Id, string Description, string Response)
{
    public IReadOnlyList<RequestParameter> Parameters { get; init; } = [];

    /// <summary>The definition of the body, null for none.</summary>
    public string? Body { get; init; }

    public IReadOnlyList<int> SuccessCodes { get; init; } = [200];

    /// <summary>The group, version and kind that the request is about.</summary>
    public required (string Group, string Version, string Kind) Kind { get; init; }

    public bool IsPatch => Method == "patch";
}
