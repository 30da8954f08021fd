using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// One step from a value to a part of it. The text is the canonical form that FieldsV1 uses, so equal steps have equal
/// texts and a set of fields read from an object needs no further parsing.
/// </summary>
/// <param name="Text">A field's name; the keys of a list item as a JSON object; a set's value as JSON; an
/// index.</param>
internal readonly record struct PathElement(PathElementKind Kind, string Text) : IComparable<PathElement>
{
    private const string Prefixes = "fkvi";

    public static PathElement Field(string name) => new(PathElementKind.Field, name);

    /// <summary>Null for a form that this version does not know; such entries are dropped, as upstream does.</summary>
    public static PathElement? Parse(string serialized) =>
        serialized.Length >= 2
        && serialized[1] == ':'
        && Prefixes.IndexOf(serialized[0], StringComparison.Ordinal) is >= 0 and var kind
            ? new((PathElementKind)kind, serialized[2..])
            : null;

    /// <summary>The form in FieldsV1: <c>f:spec</c>, <c>k:{"name":"web"}</c>.</summary>
    public string Serialize() => Kind switch
    {
        PathElementKind.Field => "f:" + Text,
        PathElementKind.Key => "k:" + Text,
        PathElementKind.Value => "v:" + Text,
        _ => "i:" + Text,
    };

    public int CompareTo(PathElement other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind) : string.CompareOrdinal(Text, other.Text);

    /// <summary>The form in messages: <c>.spec</c>, <c>[name="web"]</c>.</summary>
    public override string ToString() => Kind switch
    {
        PathElementKind.Field => "." + Text,
        PathElementKind.Key =>
            $"[{string.Join(',', JsonNode.Parse(Text)!.AsObject().Select(p => $"{p.Key}={Display(p.Value)}"))}]",
        PathElementKind.Value => $"[={Display(JsonNode.Parse(Text))}]",
        _ => $"[{Text}]",
    };

    private static string Display(JsonNode? value) => value switch
    {
        null => "null",
        _ when value.GetValueKind() == JsonValueKind.String => GoText.JsonString(value.GetValue<string>()),
        _ => value.ToJsonString(),
    };
}
