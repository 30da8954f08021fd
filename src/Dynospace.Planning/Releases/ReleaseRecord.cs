// Releases: the content of a release and how it is stored, so that a dyno's pod can always be created again.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dynospace.Api;
using Dynospace.Api.Apps;
using k8s.Models;

namespace Dynospace.Planning.Releases;

/// <summary>
/// One release of an app: everything that its dynos' pods depend on, except the values of Secrets. It is stored as an
/// immutable ControllerRevision, so that a pod can always be created again from its release.
/// </summary>
/// <remarks>
/// The record is its own stored form: a property that is added here is stored, read back and hashed without further
/// code. The JSON names are permanent, because revisions of older operators must stay readable. A member that a
/// revision lacks arrives as null and becomes empty. Quantities and sizes are not part of a release: scaling makes
/// none.
/// </remarks>
public sealed record ReleaseRecord
{
    /// <summary>
    /// The properties of the first version, which are hashed even if not set. A newer property is hashed only if set,
    /// so that an upgrade of the operator changes no hash.
    /// </summary>
    private static readonly HashSet<string> FirstHashed =
        ["image", "config", "configFrom", "imagePullSecrets", "commands", "releaseCommand"];

    /// <summary>Properties that are not content of the release: its storage and origin.</summary>
    private static readonly HashSet<string> NeverHashed = ["hash", "secret", "secrets", "rollbackTo", "over"];

    /// <summary>The largest number that a Dyno may name.</summary>
    public const long MaxNumber = int.MaxValue;

    /// <summary>The number, from 1; 0 before it has one. Stored as the revision's number.</summary>
    [JsonIgnore]
    public long Number { get; init; }

    /// <summary>The UID of the stored revision; null for a release that is not stored yet.</summary>
    [JsonIgnore]
    public string? Uid { get; init; }

    /// <summary>When the revision was stored; null for a release that is not stored yet.</summary>
    [JsonIgnore]
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The hash of everything else and of the digests of its Secrets.</summary>
    [JsonPropertyName("hash")]
    public required string Hash { get; init; }

    /// <summary>The image.</summary>
    [JsonPropertyName("image")]
    public required string Image { get; init; }

    /// <summary>Config vars, ordered by name.</summary>
    [JsonPropertyName("config")]
    public IReadOnlyDictionary<string, string> Config { get; init => field = Sorted(value); } = Sorted<string>([]);

    /// <summary>Names of the Secrets whose keys become config vars. Later ones take precedence.</summary>
    [JsonPropertyName("configFrom")]
    public IReadOnlyList<string> ConfigFrom { get; init => field = value ?? []; } = [];

    /// <summary>
    /// The Secret with the values that the Secrets of <see cref="ConfigFrom"/> had when the release was made; null for
    /// a release without any, and for one of an older operator, whose dynos read the named Secrets themselves.
    /// </summary>
    [JsonPropertyName("secret")]
    public string? Secret { get; init; }

    /// <summary>
    /// If the values do not fit into one Secret, one for each of <see cref="ConfigFrom"/>, in its order; empty if
    /// <see cref="Secret"/> is set.
    /// </summary>
    [JsonPropertyName("secrets")]
    public IReadOnlyList<string> Secrets { get; init => field = value ?? []; } = [];

    /// <summary>All Secrets that keep values of the release. Later ones take precedence.</summary>
    internal IReadOnlyList<string> KeptIn => Secret is { } one ? [one] : Secrets;

    /// <summary>
    /// The value of <c>spec.rollbackTo</c> when the release was made; null if it was not set. A release that was made
    /// from the spec although the field was set ends that rollback.
    /// </summary>
    [JsonPropertyName("rollbackTo")]
    public long? RollbackTo { get; init; }

    /// <summary>
    /// For a rollback, the hash of the spec's content when it was made. The rollback is in force until that content
    /// changes. Null for a release that was made from the spec.
    /// </summary>
    [JsonPropertyName("over")]
    public string? Over { get; init; }

    /// <summary>Whether it was made from an older release.</summary>
    [JsonIgnore]
    public bool IsRollback => Over is not null;

    /// <summary>Names of the Secrets with registry credentials.</summary>
    [JsonPropertyName("imagePullSecrets")]
    public IReadOnlyList<string> ImagePullSecrets { get; init => field = value ?? []; } = [];

    /// <summary>The command of each process type that has one.</summary>
    [JsonPropertyName("commands")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Commands { get; init => field = Sorted(value); } =
        Sorted<IReadOnlyList<string>>([]);

    /// <summary>The path of the readiness check of each process type that has one.</summary>
    [JsonPropertyName("healthCheckPaths")]
    public IReadOnlyDictionary<string, string> HealthCheckPaths { get; init => field = Sorted(value); } =
        Sorted<string>([]);

    /// <summary>The command that must succeed before the release is rolled out; empty for none.</summary>
    [JsonPropertyName("releaseCommand")]
    public IReadOnlyList<string> ReleaseCommand { get; init => field = value ?? []; } = [];

    /// <summary>The name of the revision that stores a release.</summary>
    public static string NameOf(string app, long number) => $"{app}-r{number}";

    /// <summary>
    /// The release that a spec describes, without a number. The newest stored release decides whether a new one is
    /// needed.
    /// </summary>
    /// <param name="secrets">The digests of the Secrets that <c>configFrom</c> names, by name.</param>
    public static ReleaseRecord FromSpec(AppSpec spec, IReadOnlyDictionary<string, SecretDigest> secrets)
    {
        var record = new ReleaseRecord
        {
            Hash = "",
            Image = spec.Image,
            Config = (spec.Config ?? new Dictionary<string, string>()).AsReadOnly(),
            ConfigFrom = [.. (spec.ConfigFrom ?? []).Select(source => source.SecretRef.Name)],
            ImagePullSecrets = [.. (spec.ImagePullSecrets ?? []).Select(secret => secret.Name)],
            Commands = (spec.Processes ?? [])
                .Where(process => process.Command is { Count: > 0 })
                .ToDictionary(process => process.Type, process => (IReadOnlyList<string>)[.. process.Command!]),
            HealthCheckPaths = (spec.Processes ?? [])
                .Where(process => process.HealthCheckPath is not null)
                .ToDictionary(process => process.Type, process => process.HealthCheckPath!),
            ReleaseCommand = [.. spec.Release?.Command ?? []],
        };
        return record with { Hash = record.ComputeHash(secrets) };
    }

    /// <summary>Reads a release; null if the revision stores none, since it may belong to another controller.</summary>
    public static ReleaseRecord? FromRevision(V1ControllerRevision revision)
    {
        if (revision is not { Data: JsonElement data, Revision: { } number })
        {
            return null;
        }

        try
        {
            return data.Deserialize(ReleaseJson.Record) is { } record
                ? record with
                {
                    Number = number,
                    Uid = revision.Metadata?.Uid,
                    CreatedAt = revision.Metadata?.CreationTimestamp,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether the Secrets that it names exist and have the values from which it was made.</summary>
    internal bool HasValuesOf(IReadOnlyDictionary<string, SecretDigest> secrets) =>
        ConfigFrom.All(secrets.ContainsKey) && ComputeHash(secrets) == Hash;

    /// <summary>Whether another release has the same content, apart from the values of Secrets.</summary>
    internal bool HasContentOf(ReleaseRecord other) => JsonNode.DeepEquals(Content(), other.Content());

    /// <summary>The revision that stores the release.</summary>
    /// <param name="origin">Its author and cause; null if not known.</param>
    public V1ControllerRevision ToRevision(App app, ReleaseOrigin? origin = null)
    {
        var labels = ChildLabels.OfApp(app);
        labels[Labels.Release] = Number.ToString(CultureInfo.InvariantCulture);
        return new()
        {
            ApiVersion = "apps/v1",
            Kind = "ControllerRevision",
            Metadata = new()
            {
                Name = NameOf(app.Metadata.Name, Number),
                NamespaceProperty = app.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = origin?.ToAnnotations(),
                OwnerReferences = [Owners.ReferenceTo(app)],
            },
            Revision = Number,
            Data = JsonSerializer.SerializeToElement(ReleaseJson.Ordered(Stored()), ReleaseJson.Node),
        };
    }

    /// <summary>The canonical form is permanent: see <see cref="StableHash"/>.</summary>
    private string ComputeHash(IReadOnlyDictionary<string, SecretDigest> secrets)
    {
        var hash = new StableHash().Add(Image).Add(Config.Count);
        foreach (var (name, value) in Config)
        {
            hash.Add(name).Add(value);
        }

        hash.Add(ConfigFrom.Count);
        foreach (var name in ConfigFrom)
        {
            hash.Add(name).Add(secrets[name].Hash);
        }

        hash.Add(ImagePullSecrets).Add(Commands.Count);
        foreach (var (type, command) in Commands)
        {
            hash.Add(type).Add(command);
        }

        hash.Add(ReleaseCommand);
        foreach (var (name, value) in ReleaseJson.Ordered(Stored()))
        {
            if (!FirstHashed.Contains(name) && !NeverHashed.Contains(name))
            {
                hash.Add(name).Add(value!.ToJsonString());
            }
        }

        return hash.ToHex();
    }

    private JsonObject Content()
    {
        var stored = Stored();
        foreach (var name in NeverHashed)
        {
            stored.Remove(name);
        }

        return stored;
    }

    private JsonObject Stored() => (JsonObject)JsonSerializer.SerializeToNode(this, ReleaseJson.Record)!;

    private static SortedDictionary<string, T> Sorted<T>(IEnumerable<KeyValuePair<string, T>>? values)
    {
        var sorted = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, value) in values ?? [])
        {
            sorted[name] = value;
        }

        return sorted;
    }
}

/// <summary>
/// The parts of a Secret that matter to apps: its name, a hash of its content, and whether it is a service account's
/// token.
/// </summary>
public sealed record SecretDigest(string Name, string Hash, bool IsToken = false)
{
    /// <summary>The type of Secrets that are tokens of service accounts.</summary>
    public const string TokenType = "kubernetes.io/service-account-token";

    /// <summary>The total size of its values in bytes.</summary>
    public int Size { get; init; }

    /// <summary>When this content was first observed; null if not known.</summary>
    public DateTimeOffset? ObservedAt { get; init; }
}

/// <summary>
/// The JSON of stored releases. Empty values are left out, and members are in the order in which the API server writes
/// them: it refuses even a patch of a revision's labels if serialising the data again gives other bytes.
/// </summary>
internal static class ReleaseJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        TypeInfoResolver = ReleaseJsonContext.Default.WithAddedModifier(LeaveOutEmpty),
        RespectNullableAnnotations = true,
    };

    public static JsonTypeInfo<ReleaseRecord> Record { get; } =
        (JsonTypeInfo<ReleaseRecord>)Options.GetTypeInfo(typeof(ReleaseRecord));

    public static JsonTypeInfo<JsonObject> Node { get; } =
        (JsonTypeInfo<JsonObject>)Options.GetTypeInfo(typeof(JsonObject));

    public static JsonObject Ordered(JsonObject value) =>
        new(value.OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(
                member.Key, member.Value is JsonObject nested ? Ordered(nested) : member.Value?.DeepClone())));

    private static void LeaveOutEmpty(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            property.ShouldSerialize = (_, value) => value switch
            {
                null or false => false,
                string => true,
                System.Collections.IEnumerable items => items.GetEnumerator().MoveNext(),
                _ => true,
            };
        }
    }
}

[JsonSerializable(typeof(ReleaseRecord))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ReleaseJsonContext : JsonSerializerContext;
