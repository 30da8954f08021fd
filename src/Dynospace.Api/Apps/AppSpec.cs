using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Apps;

/// <summary>Desired state of an App.</summary>
[CelRule(
    "self.internalRouting == oldSelf.internalRouting",
    "internalRouting is chosen when the app is created: create a new App and move the traffic",
    FieldPath = ".internalRouting")]
[CelRule(AppRules.ReplicasHaveWeb, AppRules.ReplicasHaveWebMessage, FieldPath = ".replicas")]
[CelRule(AppRules.IsWithinTotal, AppRules.IsWithinTotalMessage, FieldPath = ".processes")]
[CelRule(
    "has(self.processes) && size(self.processes) > 0",
    "an app without a process would run nothing: name at least one, such as {type: web}",
    FieldPath = ".processes")]
[CelRule(AppRules.IsWithinLarge, AppRules.IsWithinLargeMessage, FieldPath = ".processes")]
[CelRule(
    "!has(self.tls) || !has(self.tls.issuerRef) || (has(self.domains) && size(self.domains) > 0)",
    "tls.issuerRef issues a certificate for the app's domains: name at least one in domains, or remove issuerRef",
    FieldPath = ".tls")]
public sealed class AppSpec
{
    /// <summary>The container image that every process of the app runs.</summary>
    [JsonPropertyName("image"), Required, StringLength(1024, MinimumLength = 1)]
    [CelRule(Cel.IsImage, Cel.IsImageMessage, MessageExpression = Cel.IsImageMessageExpression)]
    [CelRule(Cel.HasNoScheme, Cel.HasNoSchemeMessage)]
    [CelRule(Cel.HasNoEmptyTag, Cel.HasNoEmptyTagMessage)]
    [CelRule(Cel.IsLowerCaseImage, Cel.IsLowerCaseImageMessage)]
    public string Image { get; set; } = "";

    /// <summary>Secrets in the app's namespace with credentials for the image registry.</summary>
    [JsonPropertyName("imagePullSecrets"), ListMap("name"), MaxLength(8)]
    public IList<SecretReference>? ImagePullSecrets { get; set; }

    /// <summary>
    /// If true, the app receives web requests only from its space and the space's peer networks. Immutable. Private and
    /// Shield spaces only.
    /// </summary>
    [JsonPropertyName("internalRouting"), DefaultValue(false)]
    public bool InternalRouting { get; set; }

    /// <summary>
    /// Host names that are routed to this app, in addition to the generated one. A host belongs to one App of the
    /// cluster at a time; condition Routed names those that another App holds.
    /// </summary>
    [JsonPropertyName("domains"), ListSet, MaxLength(64), ItemLength(1, 253)]
    [CelRule(
        "self.matches('^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?[.])+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$')",
        "must be a full, lower-case host name without a wildcard, such as shop.example.com",
        MessageExpression =
            """'"' + self + '" is not a full, lower-case host name without a wildcard: """
            + "write one such as shop.example.com'",
        OnItems = true)]
    public IList<string>? Domains { get; set; }

    /// <summary>
    /// Config vars: environment variables of every dyno. Put secret values into Secrets, see <see cref="ConfigFrom"/>.
    /// </summary>
    [JsonPropertyName("config"), MaxLength(256), ItemLength(0, 32768)]
    [CelRule(
        Cel.NamesAreVariables,
        "names of config vars are letters, digits and underscores and do not begin with a digit: rename the others",
        MessageExpression =
            """
            'names of config vars are letters, digits and underscores and do not begin with a digit: rename "'
            + self.filter(k, !k.matches('^[A-Za-z_][A-Za-z0-9_]*$'))[0] + '"'
            """)]
    [CelRule(
        Cel.ValuesHaveNoNul,
        "values of config vars must not contain NUL, which no environment can hold: remove it",
        MessageExpression =
            """
            'the value of config var "' + self.filter(k, self[k].contains('\u0000'))[0]
            + '" contains NUL, which no environment can hold: remove it'
            """)]
    [CelRule("!('PORT' in self) && !('DYNO' in self)", "PORT and DYNO are set by the platform: remove them")]
    [CelRule(
        "!self.exists(k, k.startsWith('DYNO_DNS_'))",
        "names that begin with DYNO_DNS_ are set by the platform: remove or rename them")]
    public IDictionary<string, string>? Config { get; set; }

    /// <summary>
    /// Secrets in the app's namespace whose keys become config vars. A later Secret overrides an earlier one; <see
    /// cref="Config"/> overrides all of them.
    /// </summary>
    [JsonPropertyName("configFrom"), MaxLength(16)]
    public IList<ConfigSource>? ConfigFrom { get; set; }

    /// <summary>The process types of the app, and the number of dynos of each.</summary>
    [JsonPropertyName("processes"), ListMap("type"), MaxLength(20)]
    public IList<ProcessSpec>? Processes { get; set; }

    /// <summary>
    /// The number of web dynos, for <c>kubectl scale</c> and autoscalers. The operator repeats web's quantity here
    /// until one of them, or Git, sets it; from then on it decides, until it is removed.
    /// </summary>
    [JsonPropertyName("replicas"), Range(0, SpaceDefaults.MaxDynosPerApp)]
    public int? Replicas { get; set; }

    /// <summary>
    /// If true, the router answers every web request with the maintenance page (H80) and sends none to a dyno. The
    /// dynos keep running.
    /// </summary>
    [JsonPropertyName("maintenance"), DefaultValue(false)]
    public bool Maintenance { get; set; }

    /// <summary>TLS for the app's domains. If omitted, the router presents its default certificate.</summary>
    [JsonPropertyName("tls")]
    public TlsSpec? Tls { get; set; }

    /// <summary>
    /// The number of a release to run again, as one more release. It is in force until image, config, commands or
    /// Secrets of the spec differ from what they were then: a changed spec goes out as usual, and the field has no
    /// effect until it names another release. Condition Released says what applies. Removing it ends the rollback.
    /// </summary>
    [JsonPropertyName("rollbackTo"), Range(1, int.MaxValue)]
    public long? RollbackTo { get; set; }

    /// <summary>
    /// The release phase: a command that must succeed before a new release replaces the previous one.
    /// </summary>
    [JsonPropertyName("release")]
    public ReleasePhase? Release { get; set; }
}

/// <summary>A source of config vars.</summary>
public sealed class ConfigSource
{
    /// <summary>A Secret whose keys become config vars.</summary>
    [JsonPropertyName("secretRef"), Required]
    public SecretReference SecretRef { get; set; } = new();
}

/// <summary>A reference to a Secret in the same namespace.</summary>
public sealed class SecretReference
{
    /// <summary>The name of the Secret.</summary>
    [JsonPropertyName("name"), Required, StringLength(253, MinimumLength = 1)]
    [RegularExpression("^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")]
    public string Name { get; set; } = "";
}

/// <summary>One process type of an app.</summary>
[CelRule(
    "!has(self.healthCheckPath) || self.type == 'web'",
    "healthCheckPath is asked on $PORT, which only processes of type web have: remove it",
    FieldPath = ".healthCheckPath")]
public sealed class ProcessSpec
{
    /// <summary>
    /// The process type. Type <c>web</c> receives requests on <c>$PORT</c>; all others run in the background.
    /// </summary>
    [JsonPropertyName("type"), Required, StringLength(20, MinimumLength = 1)]
    [CelRule(Cel.IsProcessType, Cel.IsProcessTypeMessage, MessageExpression = Cel.IsProcessTypeMessageExpression)]
    [CelRule(
        "!self.contains('--')",
        "must not contain a double hyphen: use single ones",
        MessageExpression = """'"' + self + '" contains a double hyphen: use single ones'""")]
    [CelRule("!(self in ['run', 'release'])", "run and release are one-off types of the platform: choose another name")]
    public string Type { get; set; } = "";

    /// <summary>The number of dynos. Default 1.</summary>
    [JsonPropertyName("quantity"), Range(0, SpaceDefaults.MaxDynosPerApp), UnstatedDefault]
    public int Quantity { get; set; } = 1;

    /// <summary>The dyno size, which sets memory and CPU. Default Standard-1X.</summary>
    [JsonPropertyName("size"), UnstatedDefault, DynoSizeName, StringLength(DynoSizes.LongestName, MinimumLength = 1)]
    public string Size { get; set; } = DynoSizes.Default;

    /// <summary>The command and its arguments, run without a shell. If omitted, the image's own command runs.</summary>
    [JsonPropertyName("command"), MaxLength(64), ItemLength(0, 4096)]
    public IList<string>? Command { get; set; }

    /// <summary>
    /// The path that a web dyno must answer with a status from 200 to 399 to receive requests, asked on <c>$PORT</c>
    /// every five seconds. If omitted, it must only accept connections. A change makes a release.
    /// </summary>
    [JsonPropertyName("healthCheckPath"), StringLength(1024, MinimumLength = 1)]
    [RegularExpression("^/[!-~]*$")]
    public string? HealthCheckPath { get; set; }
}

/// <summary>Names of dyno sizes. A Shield space runs the Private ones under its own rules.</summary>
public static class DynoSizes
{
    /// <summary>What the names of a platform team's own sizes begin with.</summary>
    public const string OwnPrefix = "Custom-";

    /// <summary>
    /// What the names of sizes begin with that only Private and Shield spaces have, the team's own among them.
    /// </summary>
    public const string OwnPrivatePrefix = "Custom-Private-";

    /// <summary>The longest name.</summary>
    public const int LongestName = 40;

    /// <summary>The size of a process that names none.</summary>
    public const string Default = Standard1X;

    /// <summary>512 MB.</summary>
    public const string Eco = "Eco";

    /// <summary>512 MB.</summary>
    public const string Basic = "Basic";

    /// <summary>512 MB.</summary>
    public const string Standard1X = "Standard-1X";

    /// <summary>1 GB.</summary>
    public const string Standard2X = "Standard-2X";

    /// <summary>1 GB.</summary>
    public const string PrivateS = "Private-S";

    /// <summary>2.5 GB.</summary>
    public const string PrivateM = "Private-M";

    /// <summary>14 GB.</summary>
    public const string PrivateL = "Private-L";

    /// <summary>30 GB.</summary>
    public const string PrivateLRam = "Private-L-RAM";

    /// <summary>62 GB.</summary>
    public const string PrivateXL = "Private-XL";

    /// <summary>126 GB.</summary>
    public const string Private2XL = "Private-2XL";

    /// <summary>The sizes that every platform has, smallest first.</summary>
    public static IReadOnlyList<string> Platform { get; } =
        [Eco, Basic, Standard1X, Standard2X, PrivateS, PrivateM, PrivateL, PrivateLRam, PrivateXL, Private2XL];

    /// <summary>Whether only Private and Shield spaces have a size.</summary>
    public static bool IsPrivate(string size) =>
        size.StartsWith("Private-", StringComparison.Ordinal)
        || size.StartsWith(OwnPrivatePrefix, StringComparison.Ordinal);

    /// <summary>How many dynos of a large size a process type runs at most.</summary>
    public const int MaxLarge = 10;

    /// <summary>Whether a process type runs at most <see cref="MaxLarge"/> dynos of a size.</summary>
    public static bool IsLarge(string size) => size is PrivateL or PrivateLRam or PrivateXL or Private2XL;
}

/// <summary>
/// Admits the platform's names of dyno sizes, and any that begins as a platform team's own do: which of those there are
/// is the operator's to say.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DynoSizeNameAttribute() : CelRuleAttribute(
    $"self in ['{string.Join("', '", DynoSizes.Platform)}'] || self.startsWith('{DynoSizes.OwnPrefix}')",
    $"must be one of {string.Join(", ", DynoSizes.Platform)}, or one of the platform team's own, which begin with "
    + $"{DynoSizes.OwnPrefix}");

/// <summary>A command that runs once before each release. If it fails, the previous release keeps running.</summary>
public sealed class ReleasePhase
{
    /// <summary>The command and its arguments, run without a shell.</summary>
    [JsonPropertyName("command"), Required, MinLength(1), MaxLength(64), ItemLength(0, 4096)]
    public IList<string> Command { get; set; } = [];
}

/// <summary>TLS for an app's domains.</summary>
public sealed class TlsSpec
{
    /// <summary>
    /// Secrets of type kubernetes.io/tls in the app's namespace. The router presents the certificate that covers the
    /// requested host name.
    /// </summary>
    [JsonPropertyName("secrets"), ListMap("name"), MaxLength(16)]
    public IList<SecretReference>? Secrets { get; set; }

    /// <summary>
    /// The cert-manager issuer of a certificate for the app's domains. The certificate is stored in Secret app--tls,
    /// where app is the name of the App; condition Routed reports its progress.
    /// </summary>
    [JsonPropertyName("issuerRef")]
    public IssuerReference? IssuerRef { get; set; }

    /// <summary>If true, requests without TLS are redirected to the same address with https.</summary>
    [JsonPropertyName("redirect"), DefaultValue(false)]
    public bool Redirect { get; set; }
}

/// <summary>A reference to a cert-manager issuer.</summary>
public sealed class IssuerReference
{
    /// <summary>The name of the issuer.</summary>
    [JsonPropertyName("name"), Required, StringLength(253, MinimumLength = 1)]
    [RegularExpression("^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")]
    public string Name { get; set; } = "";

    /// <summary>
    /// The kind of the issuer: Issuer for one in the app's namespace, ClusterIssuer for one of the cluster.
    /// </summary>
    [JsonPropertyName("kind"), DefaultValue(IssuerKind.Issuer)]
    public IssuerKind Kind { get; set; } = IssuerKind.Issuer;
}

/// <summary>The kinds of cert-manager issuers.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IssuerKind>))]
public enum IssuerKind
{
    /// <summary>An issuer of one namespace.</summary>
    Issuer,

    /// <summary>An issuer of the whole cluster.</summary>
    ClusterIssuer,
}

/// <summary>The Secrets that an app's certificates come from.</summary>
public static class TlsNames
{
    /// <summary>The Secrets that the spec names, then the one that its issuer fills.</summary>
    public static IReadOnlyList<string> SecretsOf(App app)
    {
        var named = (app.Spec.Tls?.Secrets ?? []).Select(secret => secret.Name);
        return
        [
            .. app.Spec.Tls?.IssuerRef is null ? named : named.Append(Issued(app)).Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// The name of the Certificate that is ordered from an App's issuer, and of the Secret that it fills. No app's name
    /// has a double hyphen.
    /// </summary>
    public static string Issued(App app) => $"{app.Metadata.Name}--tls";
}
