using DevCluster.Schema.Formats;
using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>
/// Finds parts of a checked expression that always fail at evaluation: invalid patterns, durations and timestamps,
/// format strings that do not match their arguments, and list and map literals of mixed types.
/// </summary>
internal sealed class CelLiteralValidator
{
    private readonly CelCheckedExpression _expression;
    private readonly List<CelIssue> _issues;

    private CelLiteralValidator(CelCheckedExpression expression, List<CelIssue> issues)
    {
        _expression = expression;
        _issues = issues;
    }

    public static void Validate(CelCheckedExpression expression, List<CelIssue> issues) =>
        new CelLiteralValidator(expression, issues).Visit(expression.Root, isExempt: false);

    /// <param name="isExempt">Whether the node is an argument of format(), which accepts any types.</param>
    private void Visit(CelExpression node, bool isExempt)
    {
        switch (node)
        {
            case Select select when _expression.Types.ContainsKey(select.Operand):
                Visit(select.Operand, isExempt);
                break;
            case Call call:
                VisitCall(call, isExempt);
                break;
            case CreateList list:
                CheckSame(list.Elements, index => list.Optionals.Contains(index), isExempt);
                foreach (var element in list.Elements)
                {
                    Visit(element, isExempt);
                }

                break;
            case CreateMap map:
                CheckSame([.. map.Entries.Select(entry => entry.Key)], _ => false, isExempt);
                CheckSame(
                    [.. map.Entries.Select(entry => entry.Value)], index => map.Entries[index].IsOptional, isExempt);
                foreach (var entry in map.Entries)
                {
                    Visit(entry.Key, isExempt);
                    Visit(entry.Value, isExempt);
                }

                break;
            case Comprehension fold:
                foreach (var part in new[] { fold.Range, fold.Initial, fold.Condition, fold.Step, fold.Result })
                {
                    Visit(part, isExempt);
                }

                break;
        }
    }

    private void VisitCall(Call call, bool isExempt)
    {
        if (call.Arguments is [.., Literal { Value: string text } argument] && !IsValid(call.Function, text))
        {
            _issues.Add(new CelIssue(argument.Offset, $"invalid {call.Function} argument"));
        }

        if (call is { Function: "format", Target: Literal { Value: string format }, Arguments: [CreateList list] })
        {
            CheckFormat(call, format, list);
        }

        if (call.Target is not null && _expression.Types.ContainsKey(call.Target))
        {
            Visit(call.Target, isExempt || call.Function == "format");
        }

        foreach (var child in call.Arguments)
        {
            Visit(child, isExempt || call.Function == "format");
        }
    }

    private static bool IsValid(string function, string text) => function switch
    {
        "matches" => Re2.TryCompile(text, out _, out _),
        "duration" => DurationFormats.TryParseGoDuration(text, out _),
        "timestamp" => TimeFormats.TryParseTimestamp(text, out _),
        _ => true,
    };

    private void CheckSame(IReadOnlyList<CelExpression> elements, Func<int, bool> isOptional, bool isExempt)
    {
        if (isExempt || elements.Count == 0)
        {
            return;
        }

        CelType TypeOf(int index) =>
            isOptional(index) && _expression.Types[elements[index]] is { IsOptional: true } optional
                ? optional.Parameters[0]
                : _expression.Types[elements[index]];
        var first = TypeOf(0);
        for (var i = 1; i < elements.Count; i++)
        {
            if (!TypeOf(i).IsExactly(first))
            {
                _issues.Add(new CelIssue(elements[i].Offset, $"expected type '{first}' but found '{TypeOf(i)}'"));
                return;
            }
        }
    }

    private void CheckFormat(Call call, string format, CreateList arguments)
    {
        var problems = new List<string>();
        var used = 0;
        foreach (var clause in CelFormatClause.Parse(format, arguments.Elements.Count, problems)
            .Where(clause => !clause.IsText))
        {
            var argument = arguments.Elements[used++];
            if (Unsuitable(clause.Verb, argument) is { } unsuitable)
            {
                var type = CelTypeValue.FromType(_expression.Types[unsuitable]).Name;
                _issues.Add(
                    new CelIssue(
                        unsuitable.Offset,
                        $"error during formatting: {CelStringFormat.Mismatch(clause.Verb, type)}"));
                return;
            }
        }

        if (problems.Count > 0)
        {
            _issues.Add(new CelIssue(call.Offset, problems[0]));
        }
        else if (used < arguments.Elements.Count)
        {
            _issues.Add(
                new CelIssue(
                    call.Offset,
                    $"too many arguments supplied to string.format (expected {used}, got {arguments.Elements.Count})"));
        }
    }

    /// <summary>The argument, or the part of it, that a clause cannot format.</summary>
    private CelExpression? Unsuitable(char verb, CelExpression argument)
    {
        var kind = _expression.Types[argument].Kind;
        var isSuitable = kind == CelTypeKind.Dyn || verb switch
        {
            'd' or 'o' => kind is CelTypeKind.Int or CelTypeKind.Uint,
            'f' or 'e' => kind is CelTypeKind.Double or CelTypeKind.String,
            'b' => kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Bool,
            'x' or 'X' => kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.String or CelTypeKind.Bytes,
            _ => kind is not (CelTypeKind.Object or CelTypeKind.Opaque),
        };
        return !isSuitable ? argument
            : verb != 's' ? null
            : argument switch
            {
                CreateList list =>
                    list.Elements.Select(element => Unsuitable(verb, element))
                        .FirstOrDefault(found => found is not null),
                CreateMap map =>
                    map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value })
                        .Select(part => Unsuitable(verb, part))
                        .FirstOrDefault(found => found is not null),
                _ => null,
            };
    }
}
