using System.Globalization;

namespace Dynospace.DevCluster.Admission.Validation;

/// <summary>A path into an object, written out only when a finding needs it.</summary>
internal sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string _segment;

    private FieldPath(FieldPath? parent, string segment)
    {
        _parent = parent;
        _segment = segment;
    }

    public static FieldPath Of(string name) => new(null, name);

    public FieldPath this[string name] => new(this, "." + name);

    public FieldPath At(int index) => new(this, string.Create(CultureInfo.InvariantCulture, $"[{index}]"));

    public FieldPath Key(string key) => new(this, $"[{key}]");

    public override string ToString() => _parent is null ? _segment : _parent + _segment;
}
