using System.Text;

namespace DevCluster.Schema.Cel;

/// <summary>
/// A node of the syntax tree after macro expansion. Nodes are compared by reference, so equal texts in one expression
/// are different nodes.
/// </summary>
/// <param name="offset">The offset of its operator, or of the first character of a leaf.</param>
internal abstract class CelExpression(int offset)
{
    public int Offset { get; } = offset;

    /// <summary><c>a.b.c</c> for a chain of selections from a name, otherwise null.</summary>
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

    /// <summary><c>operand.field</c>; if <see cref="IsTest"/> is set, an expanded <c>has()</c>.</summary>
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

        /// <summary>The positions of elements written as <c>?e</c>, which are omitted if empty.</summary>
        public IReadOnlySet<int> Optionals { get; } = optionals ?? new HashSet<int>();
    }

    public sealed class CreateMap(int offset, IReadOnlyList<CelMapEntry> entries) : CelExpression(offset)
    {
        public IReadOnlyList<CelMapEntry> Entries { get; } = entries;
    }

    /// <summary><c>Type{field: value}</c>; no schema declares a type that can be named this way.</summary>
    public sealed class CreateStruct(int offset, string typeName) : CelExpression(offset)
    {
        public string TypeName { get; } = typeName;
    }

    /// <summary>A fold over a list or map, the expansion of all iterating macros.</summary>
    public sealed class Comprehension(int offset) : CelExpression(offset)
    {
        public required CelExpression Range { get; init; }

        public required string Variable { get; init; }

        /// <summary>With a second variable, the first one is the index or key.</summary>
        public string? SecondVariable { get; init; }

        public required string Accumulator { get; init; }

        public required CelExpression Initial { get; init; }

        public required CelExpression Condition { get; init; }

        public required CelExpression Step { get; init; }

        public required CelExpression Result { get; init; }

        /// <summary>Whether it iterates over nothing and only binds a variable.</summary>
        public bool IsBinding =>
            this is { Range: CreateList { Elements.Count: 0 }, Condition: Literal { Value: false } }
            && Accumulator != CelMacros.Accumulator;
    }
}

/// <param name="IsOptional">Written as <c>?key: value</c>: omitted if the value is an empty optional.</param>
internal sealed record CelMapEntry(CelExpression Key, CelExpression Value, bool IsOptional);

/// <summary>The text of an expression; formats issues with their line and a marker below it.</summary>
internal sealed class CelSource(string text)
{
    private const int MostIssues = 100;

    public string Text { get; } = text;

    /// <summary>
    /// All issues ordered by position, in the form <c>ERROR: &lt;input&gt;:1:6: message</c>, line and marker.
    /// </summary>
    public string Describe(IEnumerable<CelIssue> issues) =>
        string.Join('\n', issues.OrderBy(issue => issue.Offset).Take(MostIssues).Select(Describe));

    private string Describe(CelIssue issue)
    {
        var offset = Math.Clamp(issue.Offset, 0, Text.Length);
        var before = Text[..offset];
        var line = before.Count(character => character == '\n') + 1;
        var start = before.LastIndexOf('\n') + 1;
        var end = Text.IndexOf('\n', offset);
        var lineText = Text[start..(end < 0 ? Text.Length : end)].Replace('\t', ' ');
        var marker = new StringBuilder();
        var column = 0;
        foreach (var rune in Text[start..offset].EnumerateRunes())
        {
            column++;
            marker.Append(rune.IsAscii ? '.' : '\uff0e');
        }

        marker.Append(offset < Text.Length && !char.IsAscii(Text[offset]) ? '\uff3e' : '^');
        return $"ERROR: <input>:{line}:{column + 1}: {issue.Message}\n | {lineText}\n | {marker}";
    }
}

/// <summary>An error in an expression, and its position.</summary>
/// <param name="Offset">UTF-16 offset into the text.</param>
internal sealed record CelIssue(int Offset, string Message);
