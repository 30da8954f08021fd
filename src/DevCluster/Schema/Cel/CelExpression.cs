namespace DevCluster.Schema.Cel;

/// <summary>
/// A node of the syntax tree, after macros are expanded. Nodes are compared by reference: two equal texts in one
/// expression are two nodes.
/// </summary>
/// <param name="offset">Where its operator, or for a leaf its first character, stands.</param>
internal abstract class CelExpression(int offset)
{
    public int Offset { get; } = offset;

    /// <summary><c>a.b.c</c> for a chain of selections from a name, else null.</summary>
    public string? QualifiedName => this switch
    {
        Identifier identifier => identifier.Name,
        Select { IsTest: false } select when select.Operand.QualifiedName is { } prefix => $"{prefix}.{select.Field}",
        _ => null,
    };

    /// <summary>long, ulong, double, string, byte[], bool or null.</summary>
    public sealed class Literal(int offset, object value) : CelExpression(offset)
    {
        public object Value { get; } = value;
    }

    public sealed class Identifier(int offset, string name) : CelExpression(offset)
    {
        public string Name { get; } = name;
    }

    /// <summary><c>operand.field</c>; with <see cref="IsTest"/>, what <c>has()</c> becomes.</summary>
    public sealed class Select(
        int offset, CelExpression operand, string field, bool isTest = false) : CelExpression(offset)
    {
        public CelExpression Operand { get; } = operand;

        public string Field { get; } = field;

        public bool IsTest { get; } = isTest;
    }

    /// <summary>A function, method or operator; operators have names such as <c>_+_</c>.</summary>
    public sealed class Call(
        int offset,
        string function,
        CelExpression? target,
        IReadOnlyList<CelExpression> arguments) : CelExpression(offset)
    {
        public string Function { get; } = function;

        public CelExpression? Target { get; } = target;

        public IReadOnlyList<CelExpression> Arguments { get; } = arguments;
    }

    public sealed class CreateList(
        int offset, IReadOnlyList<CelExpression> elements, IReadOnlySet<int>? optionals = null) : CelExpression(offset)
    {
        public IReadOnlyList<CelExpression> Elements { get; } = elements;

        /// <summary>The positions of elements written <c>?e</c>, which are left out when empty.</summary>
        public IReadOnlySet<int> Optionals { get; } = optionals ?? new HashSet<int>();
    }

    public sealed class CreateMap(int offset, IReadOnlyList<CelMapEntry> entries) : CelExpression(offset)
    {
        public IReadOnlyList<CelMapEntry> Entries { get; } = entries;
    }

    /// <summary><c>Type{field: value}</c>; no schema declares a type that could be named so.</summary>
    public sealed class CreateStruct(int offset, string typeName) : CelExpression(offset)
    {
        public string TypeName { get; } = typeName;
    }

    /// <summary>A fold over a list or map: what every macro that iterates becomes.</summary>
    public sealed class Comprehension(int offset) : CelExpression(offset)
    {
        public required CelExpression Range { get; init; }

        public required string Variable { get; init; }

        /// <summary>With a second variable the first is the index or key.</summary>
        public string? SecondVariable { get; init; }

        public required string Accumulator { get; init; }

        public required CelExpression Initial { get; init; }

        public required CelExpression Condition { get; init; }

        public required CelExpression Step { get; init; }

        public required CelExpression Result { get; init; }

        /// <summary>A fold over nothing that only names a value.</summary>
        public bool IsBinding =>
            this is { Range: CreateList { Elements.Count: 0 }, Condition: Literal { Value: false } }
            && Accumulator != CelMacros.Accumulator;
    }
}
