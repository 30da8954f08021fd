using System.Globalization;
using System.Text;

namespace DevCluster.Schema.Errors;

/// <summary>
/// Where in an object a finding is, written as the real API writes it: <c>spec.ports[0].name</c>, <c>data[key]</c>. A
/// chain that becomes text only for a finding, because validation visits every value and most are valid.
/// </summary>
public sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string? _name;
    private readonly int _index;
    private readonly bool _isKey;

    private FieldPath(FieldPath? parent, string? name, int index = 0, bool isKey = false)
    {
        _parent = parent is { IsRoot: true } ? null : parent;
        _name = name;
        _index = index;
        _isKey = isKey;
    }

    /// <summary>The object itself.</summary>
    public static FieldPath Root { get; } = new(null, null);

    public bool IsRoot => ReferenceEquals(this, Root);

    /// <summary>Whether this is <c>metadata</c> of the object itself.</summary>
    internal bool IsMetadata => _parent is null && _name == "metadata";

    /// <summary>The path as text, empty for the object itself.</summary>
    internal string Text => IsRoot ? "" : Append(new StringBuilder()).ToString();

    public static FieldPath Of(string path) => new(null, path);

    /// <summary>A field.</summary>
    public FieldPath this[string name] => new(this, name);

    /// <summary>An item of a list.</summary>
    public FieldPath this[int index] => new(this, null, index);

    /// <summary>An entry of a map.</summary>
    public FieldPath Key(string key) => new(this, key, isKey: true);

    public override string ToString() => IsRoot ? "<nil>" : Text;

    private StringBuilder Append(StringBuilder text)
    {
        _parent?.Append(text);
        return _name is null ? text.Append(CultureInfo.InvariantCulture, $"[{_index}]")
            : _isKey ? text.Append('[').Append(_name).Append(']')
            : _parent is null ? text.Append(_name)
            : text.Append('.').Append(_name);
    }
}
