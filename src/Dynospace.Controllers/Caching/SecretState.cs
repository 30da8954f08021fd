using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dynospace.Api;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// The facts of a Secret: its existence, its type, and a hash that shows changes. Its values are not kept in memory.
/// </summary>
public sealed record SecretState(string Namespace, SecretDigest Digest, string Type)
{
    private const string IssuedFor = "cert-manager.io/certificate-name";

    /// <summary>The Certificate that cert-manager filled it for; null when nobody did.</summary>
    public string? Certificate { get; init; }

    /// <summary>The App whose release keeps its values in it; null for any other Secret.</summary>
    public string? App { get; init; }

    /// <summary>
    /// The hash of the release that a Secret with <see cref="App"/> was made for; null where it has none.
    /// </summary>
    public string? ReleaseHash { get; init; }

    /// <summary>The uid of the owner of a Secret with <see cref="App"/>.</summary>
    public string? OwnerUid { get; init; }

    /// <summary>Its own uid.</summary>
    public string? Uid { get; init; }

    /// <summary>When this version arrived; null where that is not known.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    public static SecretState Decode(JsonElement secret)
    {
        var live = LiveObject.Decode(Kinds.Secret, secret, keepContent: false);
        var isOfRelease = live.Labels.ContainsKey(Labels.Release) && live.Labels.AreManaged();
        return new SecretState(
            live.Key.Namespace!,
            new SecretDigest(live.Key.Name, HashOf(secret), IsToken(secret)) { Size = SizeOf(secret) },
            TypeOf(secret))
        {
            ReleaseHash = isOfRelease ? live.Annotations.GetValueOrDefault(Annotations.ReleaseHash) : null,
            Certificate = live.Annotations.GetValueOrDefault(IssuedFor),
            App = isOfRelease ? live.Labels.GetValueOrDefault(Labels.App) : null,
            OwnerUid = isOfRelease ? live.ControllerUid : null,
            Uid = isOfRelease ? live.Uid : null,
        };
    }

    /// <summary>Reads the data of a Secret with its digest; only the caller holds the values.</summary>
    public static (SecretDigest Digest, IReadOnlyDictionary<string, byte[]> Data) Read(JsonElement secret)
    {
        var data = JsonMembers.Member(secret, "data") is { ValueKind: JsonValueKind.Object } found
            ? found.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetBytesFromBase64())
            : [];
        return (Decode(secret).Digest, data);
    }

    private static bool IsToken(JsonElement secret) =>
        JsonMembers.Text(secret, "type") == SecretDigest.TokenType;

    /// <summary>Many Secrets share few types, so each type is one string.</summary>
    private static string TypeOf(JsonElement secret) =>
        JsonMembers.Text(secret, "type") is { Length: > 0 } type ? string.Intern(type) : "Opaque";

    /// <summary>The size in decoded bytes, as the API server counts.</summary>
    private static int SizeOf(JsonElement secret) => JsonMembers.Entries(secret, "data").Sum(entry =>
        (entry.Value.Length / 4 * 3) - entry.Value.AsSpan()[Math.Max(0, entry.Value.Length - 2)..].Count('='));

    private static string HashOf(JsonElement secret)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in JsonMembers.Entries(secret, "data")
            .OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            Append(hash, name);
            Append(hash, value);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Length first, so that different maps never give the same bytes.</summary>
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
