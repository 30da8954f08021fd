using DevCluster.ApiServer.Registry;

namespace DevCluster.ApiServer.Auth;

/// <summary>The question that authorization answers: may this user do this?</summary>
internal sealed record AccessRequest(UserInfo User, string Verb)
{
    public bool IsResource { get; init; }

    public string Path { get; init; } = "";

    public string Group { get; init; } = "";

    public string Plural { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary><c>pods</c> or <c>pods/log</c>, as rules name it.</summary>
    public string Resource => Subresource.Length == 0 ? Plural : $"{Plural}/{Subresource}";

    public static AccessRequest From(UserInfo user, RequestInfo info) => new(user, info.Verb)
    {
        IsResource = info.IsResource,
        Path = info.Path,
        Group = info.Group,
        Plural = info.Plural,
        Subresource = info.Subresource ?? "",
        Namespace = info.Namespace ?? "",
        Name = info.Name ?? "",
    };
}
