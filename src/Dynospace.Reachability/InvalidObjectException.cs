namespace Dynospace.Reachability;

/// <summary>
/// An object that the API server would refuse, so that nobody knows what it would do. Names object, field and value.
/// </summary>
public sealed class InvalidObjectException : Exception
{
    /// <summary>An object of the cluster that cannot be read at all.</summary>
    public InvalidObjectException(string kind, string name, string problem)
        : this(kind, name, "the object", null, problem)
    {
    }

    internal InvalidObjectException(string kind, string name, string field, string? value, string problem)
        : base($"{kind} {name}: {field}: {(value is null ? problem : $"'{value}' {problem}")}")
    {
        Kind = kind;
        Name = name;
        Field = field;
        Value = value;
    }

    /// <summary>The object's kind.</summary>
    public string Kind { get; }

    /// <summary>The object's name, behind its namespace and a slash where it has one.</summary>
    public string Name { get; }

    /// <summary>The path of the field, such as <c>spec.egress[0].to[1].ipBlock.cidr</c>.</summary>
    public string Field { get; }

    /// <summary>What the field holds; null where the combination of fields is wrong.</summary>
    public string? Value { get; }
}
