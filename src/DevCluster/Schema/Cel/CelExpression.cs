using System.Text;

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

/// <param name="IsOptional">Written <c>?key: value</c>: left out when the value is an empty optional.</param>
internal sealed record CelMapEntry(CelExpression Key, CelExpression Value, bool IsOptional);

/// <summary>The text of an expression; writes issues with the line they are on and a mark below.</summary>
internal sealed class CelSource(string text)
{
    private const int MostIssues = 100;

    public string Text { get; } = text;

    /// <summary>
    /// All issues in order of place, in the form <c>ERROR: &lt;input&gt;:1:6: message</c>, line and mark.
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

/// <summary>What is wrong with an expression, and where.</summary>
/// <param name="Offset">UTF-16 offset into the text.</param>
internal sealed record CelIssue(int Offset, string Message);
