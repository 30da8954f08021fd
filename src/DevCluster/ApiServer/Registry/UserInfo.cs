namespace DevCluster.ApiServer.Registry;

/// <summary>The authenticated user of a request.</summary>
public sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public const string AuthenticatedGroup = "system:authenticated";
    public const string UnauthenticatedGroup = "system:unauthenticated";
    public const string MastersGroup = "system:masters";

    public string Uid { get; init; } = "";

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    public static UserInfo Anonymous { get; } = new("system:anonymous", [UnauthenticatedGroup]);

    /// <summary>The user of a control plane component that writes without HTTP, by its field manager.</summary>
    public static UserInfo ControlPlane(string component) => component == "kube-apiserver"
        ? new("system:apiserver", [MastersGroup, AuthenticatedGroup])
        : new($"system:{component}", [AuthenticatedGroup]);
}
