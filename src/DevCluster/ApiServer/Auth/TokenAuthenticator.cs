using System.Collections.Concurrent;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Auth;

/// <summary>Bearer tokens to users: those of the options, and the tokens of service accounts.</summary>
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

    /// <summary>The user of a request; anonymous when it carries no credentials.</summary>
    /// <exception cref="ApiStatusException">401: credentials that nobody has.</exception>
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
