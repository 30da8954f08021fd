using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dynospace.Planning.Releases;

namespace Dynospace.Controllers.Caching;

/// <summary>All that is kept of a Secret: that it exists, its type, and a hash by which a change is seen. The values never stay in memory.</summary>
internal sealed record SecretState(string Namespace, SecretDigest Digest, string Type)
{
    private const string IssuedFor = "cert-manager.io/certificate-name";

    private const string ServiceAccountToken = "kubernetes.io/service-account-token";

    /// <summary>The Certificate that cert-manager filled it for; null when nobody did.</summary>
    public string? Certificate { get; init; }

    public static SecretState Decode(JsonElement secret)
    {
        var metadata = secret.GetProperty("metadata");
        var name = metadata.GetProperty("name").GetString()!;
        return new SecretState(metadata.GetProperty("namespace").GetString()!, new SecretDigest(name, HashOf(secret), IsToken(secret)), TypeOf(secret)) { Certificate = CertificateOf(metadata) };
    }

    private static string? CertificateOf(JsonElement metadata) =>
        metadata.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object
        && annotations.TryGetProperty(IssuedFor, out var name) ? name.GetString() : null;

    private static bool IsToken(JsonElement secret) => secret.TryGetProperty("type", out var type) && type.ValueEquals(ServiceAccountToken);

    /// <summary>Types are few and told of many: one text each.</summary>
    private static string TypeOf(JsonElement secret) =>
        secret.TryGetProperty("type", out var type) && type.GetString() is { Length: > 0 } text ? string.Intern(text) : "Opaque";

    private static string HashOf(JsonElement secret)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (secret.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object)
        {
            foreach (var entry in data.EnumerateObject().OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                Append(hash, entry.Name);
                Append(hash, entry.Value.GetString() ?? "");
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Length first, so that no two maps run together to the same bytes.</summary>
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
