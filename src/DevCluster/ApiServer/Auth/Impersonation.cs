using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Auth;

/// <summary><c>Impersonate-User</c> and <c>-Group</c> (<c>kubectl --as</c>), for those who may impersonate.</summary>
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
