using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates Secrets and ConfigMaps. Findings never contain the value of a Secret.</summary>
internal static class ConfigValidation
{
    private const int SizeLimit = 1024 * 1024;
    private const string AccountAnnotation = "kubernetes.io/service-account.name";

    private static readonly Dictionary<string, string[]> RequiredKeys = new(StringComparer.Ordinal)
    {
        ["kubernetes.io/tls"] = ["tls.crt", "tls.key"],
        ["kubernetes.io/ssh-auth"] = ["ssh-privatekey"],
        ["kubernetes.io/dockerconfigjson"] = [".dockerconfigjson"],
        ["kubernetes.io/dockercfg"] = [".dockercfg"],
    };

    public static void Secret(JsonObject secret, JsonObject? old, Findings findings)
    {
        var path = FieldPath.At("data");
        Keys(secret.Map("data"), findings, path);
        if (DecodedSize(secret.Map("data")) > SizeLimit)
        {
            findings.TooLong(path, SizeLimit);
        }

        Type(secret, findings, path);
        if (old is null)
        {
            return;
        }

        if (secret.Text("type") != old.Text("type"))
        {
            findings.Invalid(FieldPath.At("type"), secret.Text("type"), "field is immutable");
        }

        Immutable(secret, old, findings);
    }

    public static void ConfigMap(JsonObject configMap, JsonObject? old, Findings findings)
    {
        var (data, binary) = (configMap.Map("data"), configMap.Map("binaryData"));
        Keys(data, findings, FieldPath.At("data"));
        foreach (var (key, _) in data ?? [])
        {
            if (binary?.ContainsKey(key) == true)
            {
                findings.Invalid(FieldPath.At("data").Key(key), key, "duplicate of key present in binaryData");
            }
        }

        Keys(binary, findings, FieldPath.At("binaryData"));
        if (Size(data) + DecodedSize(binary) > SizeLimit)
        {
            findings.TooLong(FieldPath.At("[]"), SizeLimit);
        }

        if (old is not null)
        {
            Immutable(configMap, old, findings);
        }
    }

    private static void Keys(JsonObject? data, Findings findings, FieldPath path)
    {
        foreach (var (key, _) in data ?? [])
        {
            findings.Invalid(path.Key(key), key, NameFormats.ConfigKey(key));
        }
    }

    private static long Size(JsonObject? data) =>
        data?.Sum(entry => (long)Encoding.UTF8.GetByteCount(entry.Value.Text() ?? "")) ?? 0;

    /// <summary>The decoded size of base64 data, to which the limit applies.</summary>
    private static long DecodedSize(JsonObject? data) => data?.Sum(entry =>
    {
        var text = entry.Value.Text() ?? "";
        return (text.Length / 4 * 3L) - (text.EndsWith("==", StringComparison.Ordinal)
            ? 2
            : text.EndsWith('=') ? 1 : 0);
    }) ?? 0;

    private static void Type(JsonObject secret, Findings findings, FieldPath path)
    {
        var type = secret.Text("type") ?? "";
        var data = secret.Map("data");
        if (type == "kubernetes.io/basic-auth"
            && data?.ContainsKey("username") != true
            && data?.ContainsKey("password") != true)
        {
            findings.Required(path.Key("username"));
            findings.Required(path.Key("password"));
        }

        if (type == "kubernetes.io/service-account-token"
            && secret.NonEmpty("metadata", "annotations", AccountAnnotation) is null)
        {
            findings.Required(FieldPath.At("metadata")["annotations"].Key(AccountAnnotation));
        }

        foreach (var key in RequiredKeys.GetValueOrDefault(type, []))
        {
            if (data?.ContainsKey(key) != true || (type == "kubernetes.io/ssh-auth" && data.NonEmpty(key) is null))
            {
                findings.Required(path.Key(key));
            }
            else if (key.StartsWith(".docker", StringComparison.Ordinal) && JsonProblem(data.Text(key)) is { } problem)
            {
                findings.Invalid(path.Key(key), "<secret contents redacted>", problem);
            }
        }
    }

    /// <summary>
    /// Why a value is not a JSON object; null if it is. Syntax errors differ from those of Go's parser.
    /// </summary>
    private static string? JsonProblem(string? base64)
    {
        try
        {
            var bytes = Convert.FromBase64String(base64 ?? "");
            return bytes.Length == 0 ? "unexpected end of JSON input" : JsonNode.Parse(bytes).Kind() switch
            {
                JsonValueKind.Object or JsonValueKind.Null => null,
                JsonValueKind.True or JsonValueKind.False => NotAMap("bool"),
                var kind => NotAMap(kind.ToString().ToLowerInvariant()),
            };
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            return "the content is not JSON";
        }
    }

    private static string NotAMap(string kind) =>
        $"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}";

    private static void Immutable(JsonObject content, JsonObject old, Findings findings)
    {
        if (old.Flag("immutable") != true)
        {
            return;
        }

        const string Why = "field is immutable when `immutable` is set";
        if (content.Flag("immutable") != true)
        {
            findings.Forbidden(FieldPath.At("immutable"), Why);
        }

        foreach (var field in (ReadOnlySpan<string>)["data", "binaryData"])
        {
            if (!content[field].SameAs(old[field]))
            {
                findings.Forbidden(FieldPath.At(field), Why);
            }
        }
    }
}
