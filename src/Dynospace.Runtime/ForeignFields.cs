using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dynospace.Runtime;

/// <summary>
/// A field in an object's spec that another field manager added: an environment variable, a container, a port.
/// Server-side apply leaves it in place, however often the rest is applied.
/// </summary>
/// <param name="Manager">Who added it.</param>
/// <param name="Path">Where it is, in the notation of managedFields: <c>f:spec</c>, <c>k:{"name":"router"}</c>.</param>
public sealed record ForeignField(string Manager, IReadOnlyList<string> Path)
{
    /// <summary>The path as people write it: <c>spec.containers[name=router].env[name=A]</c>.</summary>
    public override string ToString() => string.Concat(Path.Select(Text)).TrimStart('.');

    private static string Text(string step) => (step[0], step[2..]) switch
    {
        ('f', var name) => $".{name}",
        ('k', var keys) =>
            $"[{string.Join(',', JsonNode.Parse(keys)!.AsObject().Select(key => $"{key.Key}={key.Value}"))}]",
        (_, var value) => $"[{value}]",
    };
}

/// <summary>
/// Pure: finds the fields that other field managers added to an object, and makes the patch that removes them.
/// </summary>
public static class ForeignFields
{
    private const string Spec = "f:spec";

    /// <summary>Any client may set annotations of a pod template: <c>kubectl rollout restart</c> sets one.</summary>
    private static readonly string[] TemplateAnnotations = [Spec, "f:template", "f:metadata", "f:annotations"];

    /// <summary>
    /// The fields of the spec that another manager owns and the operator does not. Subresources are ignored: they have
    /// writers of their own.
    /// </summary>
    /// <param name="metadata">The metadata of an object.</param>
    /// <param name="manager">The operator's own field manager.</param>
    public static IReadOnlyList<ForeignField> FromMetadata(JsonElement metadata, string manager)
    {
        var entries = JsonMembers.Items(metadata, "managedFields")
            .Where(entry => JsonMembers.Text(entry, "subresource") is null or "")
            .Select(entry => (Manager: JsonMembers.Text(entry, "manager") ?? "", Fields: FieldsOf(entry)))
            .Where(entry => entry.Fields.ValueKind == JsonValueKind.Object)
            .ToList();
        List<JsonElement> own = [.. entries.Where(entry => entry.Manager == manager).Select(entry => entry.Fields)];
        if (own.Count == 0 || own.Count == entries.Count)
        {
            // Without an entry of the operator, as after a restore, it is not known which fields it applied.
            return [];
        }

        var found = new List<ForeignField>();
        foreach (var (other, fields) in entries.Where(entry => entry.Manager != manager))
        {
            Collect(fields, own, new([Spec]), path => found.Add(new(other, [.. path])));
        }

        return found;
    }

    /// <summary>
    /// A JSON patch that removes the fields from exactly this version of an object; null if none is left.
    /// </summary>
    public static JsonArray? Removal(IReadOnlyList<ForeignField> fields, JsonObject content, string resourceVersion)
    {
        // From the end, since each removed item shifts the items behind it.
        var pointers = fields.Select(field => PointerTo(field, content))
            .OfType<List<string>>()
            .Distinct(PointerOrder.Instance)
            .OrderDescending(PointerOrder.Instance)
            .Select(pointer => "/" + string.Join('/', pointer))
            .ToList();
        return pointers.Count == 0
            ? null
            :
            [
                new JsonObject
                {
                    ["op"] = "test",
                    ["path"] = "/metadata/resourceVersion",
                    ["value"] = resourceVersion,
                },
                .. pointers.Select(pointer => new JsonObject { ["op"] = "remove", ["path"] = pointer }),
            ];
    }

    private static JsonElement FieldsOf(JsonElement entry) =>
        JsonMembers.Child(entry, "fieldsV1", JsonValueKind.Object) is { } fields
        && JsonMembers.Child(fields, Spec, JsonValueKind.Object) is { } spec
            ? spec
            : default;

    /// <param name="own">What the operator owns at the same place.</param>
    private static void Collect(
        JsonElement fields, List<JsonElement> own, Stack<string> path, Action<IEnumerable<string>> add)
    {
        foreach (var field in fields.EnumerateObject().Where(field => field.Name != "."))
        {
            path.Push(field.Name);
            List<JsonElement> same =
            [
                .. own.Select(mine => JsonMembers.Child(mine, field.Name, JsonValueKind.Object)).OfType<JsonElement>(),
            ];
            if (path.Reverse().SequenceEqual(TemplateAnnotations))
            {
                // Allowed.
            }
            else if (same.Count == 0)
            {
                add(path.Reverse());
            }
            else if (field.Value.ValueKind == JsonValueKind.Object)
            {
                Collect(field.Value, same, path, add);
            }

            path.Pop();
        }
    }

    /// <summary>The steps of a JSON pointer; null if the object no longer has the field.</summary>
    private static List<string>? PointerTo(ForeignField field, JsonObject content)
    {
        var steps = new List<string>(field.Path.Count);
        JsonNode? at = content;
        foreach (var step in field.Path)
        {
            var (kind, text) = (step[0], step[2..]);
            switch (at)
            {
                case JsonObject map when kind == 'f' && map.TryGetPropertyValue(text, out var member):
                    steps.Add(text.Replace("~", "~0", StringComparison.Ordinal)
                        .Replace("/", "~1", StringComparison.Ordinal));
                    at = member;
                    break;
                case JsonArray list when kind != 'f' && IndexIn(list, kind, text) is >= 0 and var index:
                    steps.Add(index.ToString(CultureInfo.InvariantCulture));
                    at = list[index];
                    break;
                default:
                    return null;
            }
        }

        return steps;
    }

    private static int IndexIn(JsonArray list, char kind, string text)
    {
        var wanted = JsonNode.Parse(text);
        for (var i = 0; i < list.Count; i++)
        {
            var isIt = kind == 'k'
                ? list[i] is JsonObject item
                    && wanted!.AsObject().All(key => JsonNode.DeepEquals(item[key.Key], key.Value))
                : kind == 'v' ? JsonNode.DeepEquals(list[i], wanted) : text == i.ToString(CultureInfo.InvariantCulture);
            if (isIt)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>In document order: items of a list by their index.</summary>
    private sealed class PointerOrder : IComparer<IReadOnlyList<string>>, IEqualityComparer<IReadOnlyList<string>>
    {
        public static readonly PointerOrder Instance = new();

        public int Compare(IReadOnlyList<string>? x, IReadOnlyList<string>? y) => x!.Zip(y!)
            .Select(pair => int.TryParse(pair.First, CultureInfo.InvariantCulture, out var left)
                && int.TryParse(pair.Second, CultureInfo.InvariantCulture, out var right)
                    ? left.CompareTo(right)
                    : string.CompareOrdinal(pair.First, pair.Second))
            .FirstOrDefault(order => order != 0, x!.Count.CompareTo(y!.Count));

        public bool Equals(IReadOnlyList<string>? x, IReadOnlyList<string>? y) => x!.SequenceEqual(y!);

        public int GetHashCode(IReadOnlyList<string> obj) =>
            string.Join('/', obj).GetHashCode(StringComparison.Ordinal);
    }
}
