using System.Collections.Concurrent;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Auth;

/// <summary>Maps bearer tokens to users: configured tokens and service account tokens.</summary>
internal sealed class TokenAuthenticator
{
    private const string Scheme = "Bearer ";

    private readonly ConcurrentDictionary<string, UserInfo> _users = new(StringComparer.Ordinal);
    private readonly ServiceAccountTokens _serviceAccounts;

    public TokenAuthenticator(IEnumerable<DevClusterUser> users, ServiceAccountTokens serviceAccounts)
    {
        _serviceAccounts = serviceAccounts;
        foreach (var user in users)
        {
            _users[user.Token!] = new UserInfo(user.Name, [.. user.Groups, UserInfo.AuthenticatedGroup]);
        }
    }

    /// <summary>The user of a request; anonymous if it has no credentials.</summary>
    /// <exception cref="ApiStatusException">401: unknown credentials.</exception>
    public UserInfo Authenticate(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return UserInfo.Anonymous;
        }

        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && Find(header[Scheme.Length..].Trim()) is { } user
            ? user
            : throw ApiErrors.Unauthorized();
    }

    public UserInfo? Find(string token) =>
        _users.TryGetValue(token, out var user) ? user : _serviceAccounts.Find(token);
}

/// <summary>A user who can sign in to the dev cluster.</summary>
/// <param name="Name">The user name that RBAC sees.</param>
/// <param name="Groups">The user's groups; <c>system:masters</c> may do everything.</param>
/// <param name="Token">The bearer token; null generates a random one at each start.</param>
public sealed record DevClusterUser(string Name, IReadOnlyList<string> Groups, string? Token = null)
{
    /// <summary>The default user.</summary>
    public static DevClusterUser Admin { get; } = new("admin", [UserInfo.MastersGroup]);
}

/// <summary>
/// <c>Impersonate-User</c> and <c>-Group</c> (<c>kubectl --as</c>), for users allowed to impersonate.
/// </summary>
internal sealed class Impersonation(RbacAuthorizer authorizer)
{
    private const string AccountPrefix = "system:serviceaccount:";

    /// <exception cref="ApiStatusException">403: the user may not impersonate this one.</exception>
    public UserInfo Apply(UserInfo user, HttpRequest request)
    {
        var name = request.Headers["Impersonate-User"].ToString();
        var groups = request.Headers["Impersonate-Group"].Select(group => group ?? "").ToList();
        if (name.Length == 0)
        {
            return groups.Count == 0
                ? user
                : throw new ApiStatusException(
                    500, "InternalError", "Internal error occurred: requested groups without impersonating a user");
        }

        RequireUser(user, name);
        foreach (var group in groups)
        {
            Require(user, "groups", "", group);
        }

        if (groups.Count == 0 && name.StartsWith(AccountPrefix, StringComparison.Ordinal))
        {
            groups.AddRange(
                ["system:serviceaccounts", $"system:serviceaccounts:{name[AccountPrefix.Length..].Split(':')[0]}"]);
        }

        if (name != UserInfo.Anonymous.Name && !groups.Contains(UserInfo.AuthenticatedGroup))
        {
            groups.Add(UserInfo.AuthenticatedGroup);
        }

        return new UserInfo(name, groups);
    }

    private void RequireUser(UserInfo user, string name)
    {
        if (name.StartsWith(AccountPrefix, StringComparison.Ordinal)
            && name[AccountPrefix.Length..].Split(':') is [var ns, var account])
        {
            Require(user, "serviceaccounts", ns, account);
        }
        else
        {
            Require(user, "users", "", name);
        }
    }

    private void Require(UserInfo user, string plural, string ns, string name)
    {
        var access = new AccessRequest(user, "impersonate")
        {
            IsResource = true,
            Plural = plural,
            Namespace = ns,
            Name = name,
        };
        if (!authorizer.IsAllowed(access))
        {
            throw ForbiddenErrors.For(access);
        }
    }
}
