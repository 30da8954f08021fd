// Resources: a resource as the server knows it: names, scope, versions and subresources.

using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Resources;

/// <summary>
/// One served resource in one version, built in or from a CRD: all that discovery, routing, tables, patching and
/// validation need.
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

    /// <summary>The warning that every request for this version gets; null for a version that stays.</summary>
    public string? DeprecationWarning { get; init; }

    public ScaleSubresource? Scale { get; init; }

    /// <summary>What is served below an object beside <c>status</c> and <c>scale</c>.</summary>
    public IReadOnlyList<SubresourceDefinition> Subresources { get; init; } = [];

    /// <summary>
    /// Where the objects are kept if not under <see cref="Id"/>: two groups can serve one kind (events).
    /// </summary>
    public ResourceId? StoredAs { get; init; }

    /// <summary>The resource under which the store keeps the objects.</summary>
    public ResourceId StorageId => StoredAs ?? Id;

    /// <summary>
    /// True where <c>metadata.generation</c> counts changes of the spec; always so for custom resources.
    /// </summary>
    public bool HasGeneration { get; init; }

    /// <summary>True where deletecollection is served; namespaces have none.</summary>
    public bool HasDeleteCollection { get; init; } = true;

    /// <summary>True where a successful delete answers the object rather than a <c>Status</c>.</summary>
    public bool DeleteReturnsObject { get; init; }

    /// <summary>All columns, normally beginning with Name. Empty means Name and Age.</summary>
    public IReadOnlyList<TableColumn> Columns { get; init; } = [];

    /// <summary>
    /// Field selectors allowed beside <c>metadata.name</c> and <c>metadata.namespace</c>, as dotted paths without a
    /// leading dot.
    /// </summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>
    /// True for a CRD's resource: unknown fields are pruned, generation counts spec changes, strategic merge is
    /// refused.
    /// </summary>
    public bool IsCustom { get; init; }

    /// <summary>Resources that are answered and never stored (<c>selfsubjectaccessreviews</c>): create only.</summary>
    public bool IsVirtual { get; init; }

    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Id.Group.Length == 0 ? Version : $"{Id.Group}/{Version}";
}

/// <summary>
/// Names a kind of resource independently of its version: <c>("apps", "deployments")</c>, <c>("", "pods")</c>.
/// </summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Plural">The plural, lower-case resource name as it stands in URLs.</param>
public sealed record ResourceId(string Group, string Plural)
{
    /// <summary><c>pods</c> or <c>deployments.apps</c>, as the API's messages write it.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>Reads <c>apiVersion</c>: <c>apps/v1</c>, or <c>v1</c> of the core group, whose name is empty.</summary>
internal static class ApiVersions
{
    public static (string Group, string Version) Split(string apiVersion) =>
        apiVersion.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0
            ? (apiVersion[..slash], apiVersion[(slash + 1)..])
            : ("", apiVersion);
}

/// <summary>Where the scale subresource finds its numbers, as dotted paths (<c>.spec.replicas</c>).</summary>
public sealed record ScaleSubresource(string SpecReplicasPath, string StatusReplicasPath, string? LabelSelectorPath);

/// <summary>A subresource as discovery lists it.</summary>
/// <param name="Name"><c>log</c>, <c>eviction</c>, ...</param>
/// <param name="Kind">The kind that requests or responses carry.</param>
/// <param name="Verbs">The verbs served, as RBAC names them.</param>
/// <param name="ApiVersion">The kind's group and version where it differs from the resource's, else null.</param>
public sealed record SubresourceDefinition(
    string Name, string Kind, IReadOnlyList<string> Verbs, string? ApiVersion = null);

/// <summary>One column of <c>kubectl get</c>.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type"><c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c> or <c>date</c>.</param>
/// <param name="Cell">Reads the cell from an object; the time is for ages.</param>
public sealed record TableColumn(string Name, string Type, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    /// <summary><c>name</c> for the column that identifies the row.</summary>
    public string Format { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>0 is always shown, 1 with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}
