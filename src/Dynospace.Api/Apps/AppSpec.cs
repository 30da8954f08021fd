using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Apps;

/// <summary>What an app shall be.</summary>
[CelRule("self.internalRouting == oldSelf.internalRouting", "internalRouting is chosen when the app is created: create a new App and move the traffic", FieldPath = ".internalRouting")]
[CelRule("!has(self.replicas) || (has(self.processes) && self.processes.exists(p, p.type == 'web'))", "replicas is the number of web dynos: add a process of type web first", FieldPath = ".replicas")]
[CelRule("!has(self.processes) || self.processes.map(p, p.type == 'web' && has(self.replicas) ? 0 : p.quantity).sum() + (has(self.replicas) ? self.replicas : 0) <= 100", "an app runs at most 100 dynos: lower the quantities", FieldPath = ".processes")]
[CelRule("!has(self.tls) || !has(self.tls.issuerRef) || (has(self.domains) && size(self.domains) > 0)", "tls.issuerRef issues a certificate for the app's domains: name at least one in domains, or remove issuerRef", FieldPath = ".tls")]
public sealed class AppSpec
{
    /// <summary>The container image that every process of the app runs.</summary>
    [JsonPropertyName("image"), Required, StringLength(1024, MinimumLength = 1)]
    [CelRule(Cel.IsImage, Cel.IsImageMessage, MessageExpression = Cel.IsImageMessageExpression)]
    public string Image { get; set; } = "";

    /// <summary>Secrets of the app's namespace with credentials for the registry.</summary>
    [JsonPropertyName("imagePullSecrets"), ListMap("name"), MaxLength(8)]
    public IList<SecretReference>? ImagePullSecrets { get; set; }

    /// <summary>Web requests come only from the space and its peer networks. Chosen at creation. Private and Shield spaces only.</summary>
    [JsonPropertyName("internalRouting"), DefaultValue(false)]
    public bool InternalRouting { get; set; }

    /// <summary>Host names that the router serves for this app, beside the generated one.</summary>
    [JsonPropertyName("domains"), ListSet, MaxLength(64), ItemLength(1, 253)]
    [CelRule("self.matches('^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?[.])+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$')", "must be a full, lower-case host name without a wildcard, such as shop.example.com", MessageExpression = "'\"' + self + '\" is not a full, lower-case host name without a wildcard: write one such as shop.example.com'", OnItems = true)]
    public IList<string>? Domains { get; set; }

    /// <summary>Config vars: environment of every dyno. Not for secrets, see <see cref="ConfigFrom"/>.</summary>
    [JsonPropertyName("config"), MaxLength(256), ItemLength(0, 32768)]
    [CelRule("self.all(k, k.matches('^[A-Za-z_][A-Za-z0-9_]*$'))", "names of config vars are letters, digits and underscores and begin with no digit: rename the others")]
    [CelRule("!('PORT' in self) && !('DYNO' in self)", "PORT and DYNO are set by the platform: remove them")]
    [CelRule("!self.exists(k, k.startsWith('DYNO_DNS_'))", "names that begin with DYNO_DNS_ are set by the platform: remove or rename them")]
    public IDictionary<string, string>? Config { get; set; }

    /// <summary>Secrets of the app's namespace whose keys become config vars. Later ones win; <see cref="Config"/> wins over all.</summary>
    [JsonPropertyName("configFrom"), MaxLength(16)]
    public IList<ConfigSource>? ConfigFrom { get; set; }

    /// <summary>The process types and how many dynos of each.</summary>
    [JsonPropertyName("processes"), ListMap("type"), MaxLength(20)]
    public IList<ProcessSpec>? Processes { get; set; }

    /// <summary>The number of web dynos, in place of web's quantity. Set by <c>kubectl scale</c> and autoscalers.</summary>
    [JsonPropertyName("replicas"), Range(0, SpaceDefaults.MaxDynosPerApp)]
    public int? Replicas { get; set; }

    /// <summary>Answer every web request with the platform's maintenance page (H80) instead of asking a dyno. The dynos go on running.</summary>
    [JsonPropertyName("maintenance"), DefaultValue(false)]
    public bool Maintenance { get; set; }

    /// <summary>The certificates of the app's domains. Omitted: the platform's own certificate alone.</summary>
    [JsonPropertyName("tls")]
    public TlsSpec? Tls { get; set; }

    /// <summary>A command that must succeed before a release goes out.</summary>
    [JsonPropertyName("release")]
    public ReleasePhase? Release { get; set; }
}
