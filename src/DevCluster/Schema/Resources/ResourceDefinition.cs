// Resources: the definition of a resource: names, scope, versions and subresources.

using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Resources;

/// <summary>
/// One version of a served resource, built-in or from a CRD, with all data for discovery, routing, tables, patching and
/// validation.
/// </summary>
public sealed record ResourceDefinition
{
    public required ResourceId Id { get; init; }

    public required string Version { get; init; }

    public required string Kind { get; init; }

    public required string Singular { get; init; }

    public required bool IsNamespaced { get; init; }

    public required TypeSchema Schema { get; init; }

    public string ListKind { get => field ?? Kind + "List"; init; }

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public bool HasStatus { get; init; }

    /// <summary>The warning for every request to this version; null if it is not deprecated.</summary>
    public string? DeprecationWarning { get; init; }

    public ScaleSubresource? Scale { get; init; }

    /// <summary>Subresources other than <c>status</c> and <c>scale</c>.</summary>
    public IReadOnlyList<SubresourceDefinition> Subresources { get; init; } = [];

    /// <summary>
    /// The resource under which objects are stored, if not <see cref="Id"/>: two groups can serve one kind (events).
    /// </summary>
    public ResourceId? StoredAs { get; init; }

    /// <summary>The resource under which the store keeps the objects.</summary>
    public ResourceId StorageId => StoredAs ?? Id;

    /// <summary>Whether <c>metadata.generation</c> counts spec changes; always true for custom resources.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether deletecollection is served; not for namespaces.</summary>
    public bool HasDeleteCollection { get; init; } = true;

    /// <summary>Whether a successful delete returns the object instead of a <c>Status</c>.</summary>
    public bool DeleteReturnsObject { get; init; }

    /// <summary>All columns, normally starting with Name. Empty means Name and Age.</summary>
    public IReadOnlyList<TableColumn> Columns { get; init; } = [];

    /// <summary>
    /// Supported field selectors besides <c>metadata.name</c> and <c>metadata.namespace</c>, as dotted paths without a
    /// leading dot.
    /// </summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>
    /// Whether the resource comes from a CRD: unknown fields are pruned, generation counts spec changes, and strategic
    /// merge is refused.
    /// </summary>
    public bool IsCustom { get; init; }

    /// <summary>Whether objects are answered but never stored (<c>selfsubjectaccessreviews</c>): create only.</summary>
    public bool IsVirtual { get; init; }

    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Id.Group.Length == 0 ? Version : $"{Id.Group}/{Version}";
}

/// <summary>
/// Identifies a resource independently of its version: <c>("apps", "deployments")</c>, <c>("", "pods")</c>.
/// </summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Plural">The plural, lower-case resource name in URLs.</param>
public sealed record ResourceId(string Group, string Plural)
{
    /// <summary><c>pods</c> or <c>deployments.apps</c>, the format of the API's messages.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>Parses <c>apiVersion</c>: <c>apps/v1</c>, or <c>v1</c> for the core group, whose name is empty.</summary>
internal static class ApiVersions
{
    public static (string Group, string Version) Split(string apiVersion) =>
        apiVersion.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0
            ? (apiVersion[..slash], apiVersion[(slash + 1)..])
            : ("", apiVersion);
}

/// <summary>The paths of the scale subresource, dotted (<c>.spec.replicas</c>).</summary>
public sealed record ScaleSubresource(string SpecReplicasPath, string StatusReplicasPath, string? LabelSelectorPath);

/// <summary>A subresource in discovery.</summary>
/// <param name="Name"><c>log</c>, <c>eviction</c>, ...</param>
/// <param name="Kind">The kind of requests or responses.</param>
/// <param name="Verbs">The served verbs, as named in RBAC.</param>
/// <param name="ApiVersion">The group and version of the kind if different from the resource's, otherwise null.</param>
public sealed record SubresourceDefinition(
    string Name, string Kind, IReadOnlyList<string> Verbs, string? ApiVersion = null);

/// <summary>One column of <c>kubectl get</c>.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type"><c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c> or <c>date</c>.</param>
/// <param name="Cell">Computes the cell of an object; the time is used for ages.</param>
public sealed record TableColumn(string Name, string Type, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    /// <summary><c>name</c> for the column that identifies the row.</summary>
    public string Format { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>0 is always shown, 1 only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}
