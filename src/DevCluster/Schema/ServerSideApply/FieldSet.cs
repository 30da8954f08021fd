using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// A set of fields as a tree. Each entry may be a member, have members below it, or both. Entries are sorted, so set
/// operations are merges. Operations share subtrees, so a set must not be modified after its first use in one.
/// </summary>
internal sealed class FieldSet
{
    private readonly List<FieldSetEntry> _entries;

    public FieldSet(int capacity = 4) => _entries = new(capacity);

    /// <summary>Every entry has an effect: empty children are never attached.</summary>
    public bool IsEmpty => _entries.Count == 0;

    public ReadOnlySpan<FieldSetEntry> Entries => CollectionsMarshal.AsSpan(_entries);

    /// <summary>A set with exactly these paths of field names.</summary>
    public static FieldSet FromPaths(params ReadOnlySpan<string[]> paths)
    {
        var set = new FieldSet();
        foreach (var path in paths)
        {
            var child = default(FieldSet);
            for (var i = path.Length - 1; i > 0; i--)
            {
                var parent = new FieldSet(1);
                parent.Add(PathElement.Field(path[i]), child is null, child);
                child = parent;
            }

            set.Add(PathElement.Field(path[0]), child is null, child);
        }

        return set;
    }

    /// <summary>Adds a member, or fields below it, to the existing entries.</summary>
    public void Add(PathElement element, bool isMember, FieldSet? children)
    {
        if (children is { IsEmpty: true })
        {
            children = null;
        }

        if (!isMember && children is null)
        {
            return;
        }

        var index = IndexOf(element);
        if (index < 0)
        {
            _entries.Insert(~index, new(element, isMember, children));
            return;
        }

        var existing = _entries[index];
        var union = existing.Children is null
            ? children
            : children is null ? existing.Children : existing.Children.Union(children);
        _entries[index] = new(element, isMember || existing.IsMember, union);
    }

    /// <summary>Appends an entry that sorts after all others.</summary>
    public void Append(FieldSetEntry entry)
    {
        if (entry.Children is { IsEmpty: true })
        {
            entry = entry with { Children = null };
        }

        if (entry.IsMember || entry.Children is not null)
        {
            _entries.Add(entry);
        }
    }

    public bool Contains(PathElement element) => IndexOf(element) is >= 0 and var index && _entries[index].IsMember;

    public FieldSet? Below(PathElement element) =>
        IndexOf(element) is >= 0 and var index ? _entries[index].Children : null;

    public bool Contains(ReadOnlySpan<PathElement> path) =>
        path.Length == 1 ? Contains(path[0]) : Below(path[0]) is { } child && child.Contains(path[1..]);

    /// <summary>The paths of all members; as upstream, members of a level come before those further down.</summary>
    public IEnumerable<PathElement[]> Paths() => Paths([]);

    private IEnumerable<PathElement[]> Paths(PathElement[] prefix)
    {
        foreach (var entry in _entries)
        {
            if (entry.IsMember)
            {
                yield return [.. prefix, entry.Element];
            }
        }

        foreach (var entry in _entries)
        {
            foreach (var path in entry.Children?.Paths([.. prefix, entry.Element]) ?? [])
            {
                yield return path;
            }
        }
    }

    private int IndexOf(PathElement element)
    {
        int low = 0, high = _entries.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _entries[middle].Element.CompareTo(element);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}

/// <param name="IsMember">Whether the element itself belongs to the set.</param>
/// <param name="Children">The members below the element; null for none, never empty.</param>
internal readonly record struct FieldSetEntry(PathElement Element, bool IsMember, FieldSet? Children);

/// <summary>
/// One step from a value to a part of it. The text is the canonical form of FieldsV1, so equal steps have equal texts,
/// and a field set read from an object needs no further parsing.
/// </summary>
/// <param name="Text">A field name, the keys of a list item as a JSON object, the value of a set item as JSON, or an
/// index.</param>
internal readonly record struct PathElement(PathElementKind Kind, string Text) : IComparable<PathElement>
{
    private const string Prefixes = "fkvi";

    public static PathElement Field(string name) => new(PathElementKind.Field, name);

    /// <summary>Null for an unknown form; as upstream, such entries are dropped.</summary>
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

/// <summary>The kinds of path elements, in the order of FieldsV1.</summary>
internal enum PathElementKind : byte
{
    Field,
    Key,
    Value,
    Index,
}
