namespace DevCluster.Schema.Cel;

/// <summary>
/// Collects functions by name. Types are written as text: <c>list(A)</c>, <c>map(K, V)</c>; one capital is a parameter.
/// </summary>
internal sealed class CelFunctionTable
{
    private static readonly Dictionary<string, CelType> Named = new(StringComparer.Ordinal)
    {
        ["dyn"] = CelType.Dyn,
        ["null"] = CelType.Null,
        ["bool"] = CelType.Bool,
        ["int"] = CelType.Int,
        ["uint"] = CelType.Uint,
        ["double"] = CelType.Double,
        ["string"] = CelType.String,
        ["bytes"] = CelType.Bytes,
        ["duration"] = CelType.Duration,
        ["timestamp"] = CelType.Timestamp,
        ["ip"] = CelType.Ip,
        ["cidr"] = CelType.Cidr,
        ["url"] = CelType.Url,
        ["quantity"] = CelType.Quantity,
        ["semver"] = CelType.Semver,
        ["format"] = CelType.Format,
        ["authorizer"] = CelType.Authorizer,
        ["pathcheck"] = CelType.PathCheck,
        ["groupcheck"] = CelType.GroupCheck,
        ["resourcecheck"] = CelType.ResourceCheck,
        ["decision"] = CelType.Decision,
    };

    private readonly Dictionary<string, List<CelOverload>> _overloads = new(StringComparer.Ordinal);

    public IReadOnlyList<CelOverload>? Find(string function) => _overloads.GetValueOrDefault(function);

    public void Global(string function, string parameters, string result, Func<object[], object> apply) =>
        Add(function, isMethod: false, ParseList(parameters), result, apply);

    public void Method(
        string receiver, string function, string parameters, string result, Func<object[], object> apply) =>
        Add(function, isMethod: true, [Parse(receiver), .. ParseList(parameters)], result, apply);

    private void Add(
        string function, bool isMethod, IReadOnlyList<CelType> parameters, string result, Func<object[], object> apply)
    {
        if (!_overloads.TryGetValue(function, out var overloads))
        {
            _overloads[function] = overloads = [];
        }

        overloads.Add(new CelOverload(function, isMethod, parameters, Parse(result), apply));
    }

    private static List<CelType> ParseList(string text) => [.. Split(text).Select(Parse)];

    private static CelType Parse(string text)
    {
        if (text.Length == 1 && char.IsAsciiLetterUpper(text[0]))
        {
            return CelType.Parameter(text);
        }

        var open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
        {
            return Named[text];
        }

        var inner = ParseList(text[(open + 1)..^1]);
        return text[..open] switch
        {
            "list" => CelType.List(inner[0]),
            "map" => CelType.Map(inner[0], inner[1]),
            "optional" => CelType.Optional(inner[0]),
            "type" => CelType.TypeOf(inner[0]),
            var name => throw new ArgumentException($"No type constructor {name}", nameof(text)),
        };
    }

    /// <summary>Splits at the commas outside parentheses.</summary>
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var (depth, start) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
            else
            {
                depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }

        return text.Length == 0 ? [] : parts;
    }
}
