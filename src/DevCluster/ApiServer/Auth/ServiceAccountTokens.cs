using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Auth;

/// <summary>Issues and verifies service account JWTs (TokenRequest), signed with a key of this process.</summary>
internal sealed class ServiceAccountTokens(IResourceRegistry registry, TimeProvider clock) : IDisposable
{
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    private static readonly ResourceId ServiceAccounts = new("", "serviceaccounts");

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Issue(
        StoredObject account, IReadOnlyList<string> audiences, TimeSpan lifetime, TokenBinding? binding)
    {
        var about = new JsonObject
        {
            ["namespace"] = account.Namespace,
            ["serviceaccount"] = new JsonObject { ["name"] = account.Name, ["uid"] = account.Uid },
        };
        binding?.WriteTo(about);
        var now = clock.GetUtcNow();
        var header = new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT" };
        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]),
            ["exp"] = now.Add(lifetime).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = about,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = UserName(account.Namespace!, account.Name),
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        lock (_key)
        {
            var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
            return $"{signed}.{Base64Url.EncodeToString(signature)}";
        }
    }

    /// <summary>
    /// The user of a token; null if the token is forged or expired, or if its account or bound object is deleted.
    /// </summary>
    public UserInfo? Find(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !IsSigned(parts) || Claims(parts[1]) is not { } claims)
        {
            return null;
        }

        var about = claims["kubernetes.io"] as JsonObject ?? [];
        var ns = (string?)about["namespace"] ?? "";
        var name = (string?)about["serviceaccount"]?["name"] ?? "";
        var uid = (string?)about["serviceaccount"]?["uid"];
        var binding = TokenBinding.FromClaims(about);
        var isCurrent = (long?)claims["exp"] > clock.GetUtcNow().ToUnixTimeSeconds();
        return isCurrent && registry.Get(ServiceAccounts, ns, name) is { } account && account.Uid == uid
            && binding.Holds(ns, registry)
            ? new UserInfo(
                UserName(ns, name),
                ["system:serviceaccounts", $"system:serviceaccounts:{ns}", UserInfo.AuthenticatedGroup])
            {
                Uid = account.Uid,
                Extra = new Dictionary<string, IReadOnlyList<string>>(binding.Extra())
                {
                    ["authentication.kubernetes.io/credential-id"] = ["JTI=" + (string?)claims["jti"]],
                },
            }
            : null;
    }

    public void Dispose() => _key.Dispose();

    private static string UserName(string ns, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"system:serviceaccount:{ns}:{name}");

    private bool IsSigned(string[] parts)
    {
        try
        {
            lock (_key)
            {
                return _key.VerifyData(
                    Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                    Base64Url.DecodeFromChars(parts[2]),
                    HashAlgorithmName.SHA256);
            }
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static JsonObject? Claims(string part)
    {
        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject;
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            return null;
        }
    }

    private static string Encode(JsonObject content) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(content.ToJsonString()));
}
