using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Http;

/// <summary>The objects that a list, watch or deletecollection selects.</summary>
internal sealed class ObjectFilter(string? ns, LabelSelector labels, FieldSelector fields, VersionedObjects versioned)
{
    public static ObjectFilter From(ResourceRequest request)
    {
        var fields = FieldSelector.Parse(request.Query["fieldSelector"].ToString(), request.Definition);
        var labels = LabelSelector.Parse(request.Query["labelSelector"].ToString());
        return new ObjectFilter(request.Namespace, labels, fields, new VersionedObjects(request.Definition));
    }

    public string? Namespace => ns;

    /// <summary>Whether only the namespace restricts the selection.</summary>
    public bool IsOpen => labels.IsEmpty && fields.IsEmpty;

    public bool Matches(StoredObject stored) =>
        (ns is null || stored.Namespace == ns)
        && (labels.IsEmpty || labels.Matches(stored.Content.Map("metadata", "labels")))
        && (fields.IsEmpty || fields.Matches(versioned.Content(stored)));
}

/// <summary>
/// A field selector such as <c>metadata.name=a,status.phase!=Running</c>, on the fields that the resource supports.
/// </summary>
internal sealed class FieldSelector
{
    private readonly List<(string[] Path, string Value, bool IsEqual)> _terms;

    private FieldSelector(List<(string[] Path, string Value, bool IsEqual)> terms) => _terms = terms;

    public bool IsEmpty => _terms.Count == 0;

    /// <summary>The only name that can match; null if the selector does not name one.</summary>
    public string? Name =>
        _terms.Find(term => term.IsEqual && term.Path is ["metadata", "name"]) is { Path: not null } found
            ? found.Value
            : null;

    /// <exception cref="ApiStatusException">400: the selector is invalid, or the resource does not support the
    /// field.</exception>
    public static FieldSelector Parse(string text, ResourceDefinition definition) => new(
        [.. text.Split(',').Where(term => term.Length > 0).Select(term => ParseTerm(term, definition))]);

    public bool Matches(JsonObject content) =>
        _terms.TrueForAll(term => term.Value == Read(content, term.Path) == term.IsEqual);

    private static (string[] Path, string Value, bool IsEqual) ParseTerm(string term, ResourceDefinition definition)
    {
        foreach (var (separator, isEqual) in new[] { ("!=", false), ("==", true), ("=", true) })
        {
            var at = term.IndexOf(separator, StringComparison.Ordinal);
            if (at > 0)
            {
                var field = term[..at];
                RequireSupported(field, definition);
                return (PathOf(field, definition), term[(at + separator.Length)..], isEqual);
            }
        }

        throw ApiErrors.BadRequest($"invalid selector: '{term}'; can't understand '{term}'");
    }

    private static void RequireSupported(string field, ResourceDefinition definition)
    {
        if (field == "metadata.name"
            || (field == "metadata.namespace" && definition.IsNamespaced)
            || definition.SelectableFields.Contains(field))
        {
            return;
        }

        throw ApiErrors.BadRequest(
            definition.IsCustom || definition.SelectableFields.Count > 0 || !definition.IsNamespaced
                ? $"field label not supported: {field}"
                : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }

    // Events call the reporting component "source".
    private static string[] PathOf(string field, ResourceDefinition definition) =>
        field == "source" && definition.StorageId.Plural == "events"
            ? definition.Id.Group.Length == 0 ? ["source", "component"] : ["deprecatedSource", "component"]
            : field.Split('.');

    private static string Read(JsonObject content, string[] path)
    {
        JsonNode? node = content;
        foreach (var key in path)
        {
            node = (node as JsonObject)?[key];
        }

        return node switch
        {
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            JsonValue value => value.ToJsonString(),
            _ => path is ["spec", "unschedulable" or "hostNetwork"] ? "false" : "",
        };
    }
}
