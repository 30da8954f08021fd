using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Dynospace.Runtime;

namespace Dynospace.Router.Tls;

/// <summary>
/// Makes a certificate from a Secret as soon as it arrives, so that no key stays in memory as text. An error becomes a
/// reason without content, because the parsers' exceptions quote their input.
/// </summary>
internal static class TlsSecretReader
{
    private const string TlsType = "kubernetes.io/tls";

    public static TlsSecretState Read(JsonElement secret)
    {
        var metadata = secret.GetProperty("metadata");
        var key = new ObjectKey(
            metadata.GetProperty("namespace").GetString(), metadata.GetProperty("name").GetString()!);
        if (!secret.TryGetProperty("type", out var type) || type.GetString() != TlsType)
        {
            return new TlsSecretState(key, null, TlsSecretProblem.WrongType);
        }

        if (Text(secret, "tls.crt") is not { } certificate || Text(secret, "tls.key") is not { } privateKey)
        {
            return new TlsSecretState(key, null, TlsSecretProblem.Unreadable);
        }

        var (read, problem) = Read(certificate, privateKey);
        return new TlsSecretState(key, read, problem);
    }

    public static (ServerCertificate? Certificate, TlsSecretProblem? Problem) Read(
        string certificates, string privateKey)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificates);
            if (chain.Count == 0)
            {
                return (null, TlsSecretProblem.Unreadable);
            }
        }
        catch (CryptographicException)
        {
            return (null, TlsSecretProblem.Unreadable);
        }

        return Join(chain, privateKey);
    }

    private static (ServerCertificate? Certificate, TlsSecretProblem? Problem) Join(
        X509Certificate2Collection chain, string privateKey)
    {
        if (ReadKey(privateKey) is not { } key)
        {
            return (null, TlsSecretProblem.Unreadable);
        }

        using (key)
        {
            try
            {
                var leaf = key is RSA rsa ? chain[0].CopyWithPrivateKey(rsa) : chain[0].CopyWithPrivateKey((ECDsa)key);
                chain.RemoveAt(0);
                var certificate = ServerCertificate.FromChain(leaf, chain);
                return certificate.Names.IsEmpty ? (null, TlsSecretProblem.NoHosts) : (certificate, null);
            }
            catch (Exception e) when (e is ArgumentException or CryptographicException or InvalidOperationException)
            {
                return (null, TlsSecretProblem.KeyMismatch);
            }
        }
    }

    /// <summary>Reads an RSA or ECDSA key: the label of PKCS #8 does not state which.</summary>
    private static AsymmetricAlgorithm? ReadKey(string pem)
    {
        foreach (var make in (Func<AsymmetricAlgorithm>[])[RSA.Create, ECDsa.Create])
        {
            var key = make();
            try
            {
                key.ImportFromPem(pem);
                return key;
            }
            catch (Exception e) when (e is ArgumentException or CryptographicException)
            {
                key.Dispose();
            }
        }

        return null;
    }

    private static string? Text(JsonElement secret, string name) =>
        secret.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
        && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.TryGetBytesFromBase64(out var bytes)
            ? Encoding.UTF8.GetString(bytes)
            : null;
}

/// <summary>A certificate to serve, or the reason why a Secret has none, without the content.</summary>
internal sealed record TlsSecretState(ObjectKey Key, ServerCertificate? Certificate, TlsSecretProblem? Problem);

/// <summary>Why the certificate of a Secret is not served. The names are label values in metrics.</summary>
internal enum TlsSecretProblem
{
    /// <summary>The Secret does not exist, or the router may not read it.</summary>
    Missing,

    /// <summary>The Secret is not of type <c>kubernetes.io/tls</c>.</summary>
    WrongType,

    /// <summary>The certificate or its key cannot be parsed.</summary>
    Unreadable,

    /// <summary>The key does not belong to the certificate.</summary>
    KeyMismatch,

    /// <summary>The certificate names no host.</summary>
    NoHosts,

    /// <summary>The certificate is expired or not valid yet.</summary>
    NotValidNow,

    /// <summary>The certificate covers no host of the app.</summary>
    HostMismatch,
}
