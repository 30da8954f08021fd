namespace DevCluster.ApiServer.Registry;

/// <summary>Who makes a request, as authentication found out.</summary>
public sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public const string AuthenticatedGroup = "system:authenticated";
    public const string UnauthenticatedGroup = "system:unauthenticated";
    public const string MastersGroup = "system:masters";

    public string Uid { get; init; } = "";

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    public static UserInfo Anonymous { get; } = new("system:anonymous", [UnauthenticatedGroup]);

    /// <summary>A part of the control plane that writes without HTTP, by the name of its field manager.</summary>
    public static UserInfo ControlPlane(string component) => component == "kube-apiserver"
        ? new("system:apiserver", [MastersGroup, AuthenticatedGroup])
        : new($"system:{component}", [AuthenticatedGroup]);
}
