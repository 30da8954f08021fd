namespace DevCluster.Schema.Cel;

/// <summary>
/// All functions and type names available to expressions: standard CEL and the Kubernetes libraries as of 1.34.
/// </summary>
internal static class CelLibrary
{
    private static readonly CelFunctionTable Functions = Build();

    /// <summary>Types that can be named, as in <c>type(x) == string</c>.</summary>
    public static IReadOnlyDictionary<string, CelType> TypeNames { get; } = new Dictionary<string, CelType>(
        StringComparer.Ordinal)
    {
        ["bool"] = CelType.Bool,
        ["int"] = CelType.Int,
        ["uint"] = CelType.Uint,
        ["double"] = CelType.Double,
        ["string"] = CelType.String,
        ["bytes"] = CelType.Bytes,
        ["list"] = CelType.List(CelType.Dyn),
        ["map"] = CelType.Map(CelType.Dyn, CelType.Dyn),
        ["null_type"] = CelType.Null,
        ["type"] = CelType.TypeOf(CelType.Dyn),
        ["optional_type"] = CelType.Optional(CelType.Dyn),
        ["google.protobuf.Duration"] = CelType.Duration,
        ["google.protobuf.Timestamp"] = CelType.Timestamp,
        ["net.IP"] = CelType.Ip,
        ["net.CIDR"] = CelType.Cidr,
    };

    public static IReadOnlyList<CelOverload>? Find(string function) => Functions.Find(function);

    private static CelFunctionTable Build()
    {
        var table = new CelFunctionTable();
        LogicFunctions.AddTo(table);
        ArithmeticFunctions.AddTo(table);
        CollectionFunctions.AddTo(table);
        ConversionFunctions.AddTo(table);
        TimeFunctions.AddTo(table);
        StringFunctions.AddTo(table);
        ListFunctions.AddTo(table);
        OptionalFunctions.AddTo(table);
        RegexFunctions.AddTo(table);
        UrlFunctions.AddTo(table);
        AddressFunctions.AddTo(table);
        QuantityFunctions.AddTo(table);
        SemverFunctions.AddTo(table);
        FormatFunctions.AddTo(table);
        AuthorizerFunctions.AddTo(table);
        return table;
    }
}

/// <summary>
/// Collects functions by name. Types are written as text: <c>list(A)</c>, <c>map(K, V)</c>; a single capital letter is
/// a type parameter.
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

    /// <summary>Splits at commas outside parentheses.</summary>
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

/// <summary>One overload of a function, and its implementation.</summary>
/// <param name="Parameters">For a method, the receiver is first.</param>
/// <param name="Apply">Receives values that match the parameters, never errors; returns a value or a <see
/// cref="CelError"/>.</param>
internal sealed record CelOverload(
    string Function,
    bool IsMethod,
    IReadOnlyList<CelType> Parameters,
    CelType Result,
    Func<object[], object> Apply)
{
    /// <summary>The signature with fresh type parameters, so that calls do not share them.</summary>
    public (IReadOnlyList<CelType> Parameters, CelType Result) Instantiate(Func<CelType> newParameter)
    {
        var names = new Dictionary<string, CelType>(StringComparer.Ordinal);
        CelType Rename(CelType type) =>
            type.Kind == CelTypeKind.Parameter
                ? names.TryGetValue(type.Name, out var known) ? known : names[type.Name] = newParameter()
                : type.Parameters.Count == 0 ? type
                : type.WithParameters([.. type.Parameters.Select(Rename)]);
        return ([.. Parameters.Select(Rename)], Rename(Result));
    }

    /// <summary>
    /// The overloads that accept arguments of these types, and the result type: dyn if they differ, null if none
    /// matches.
    /// </summary>
    public static (IReadOnlyList<CelOverload> Matching, CelType? Result) Resolve(
        IReadOnlyList<CelOverload> overloads,
        IReadOnlyList<CelType> arguments,
        bool isMethod,
        CelTypeBindings bindings)
    {
        var matching = new List<CelOverload>();
        CelType? result = null;
        foreach (var overload in overloads.Where(overload => overload.IsMethod == isMethod))
        {
            var (parameters, declared) = overload.Instantiate(bindings.NewParameter);
            if (!bindings.TryAssign(arguments, parameters))
            {
                continue;
            }

            matching.Add(overload);
            var own = bindings.Substitute(declared, freeToDyn: false);
            result = result is null ? own
                : result.Kind == CelTypeKind.Dyn || own.IsExactly(result) ? result
                : CelType.Dyn;
        }

        return (matching, result);
    }

    public bool Accepts(object[] arguments)
    {
        if (arguments.Length != Parameters.Count)
        {
            return false;
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (!CelValues.Is(arguments[i], Parameters[i]))
            {
                return false;
            }
        }

        return true;
    }
}
