using DevCluster.ApiServer.Registry;

namespace DevCluster.ApiServer.Auth;

/// <summary>A user who can sign in to the dev cluster.</summary>
/// <param name="Name">The user name that RBAC sees.</param>
/// <param name="Groups">The user's groups; <c>system:masters</c> may do everything.</param>
/// <param name="Token">The bearer token; null makes a random one at each start.</param>
public sealed record DevClusterUser(string Name, IReadOnlyList<string> Groups, string? Token = null)
{
    /// <summary>The user that exists by default.</summary>
    public static DevClusterUser Admin { get; } = new("admin", [UserInfo.MastersGroup]);
}
