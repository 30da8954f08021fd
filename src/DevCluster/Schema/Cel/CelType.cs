using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>A static type. Types with declared fields are equal only if they are the same instance.</summary>
internal sealed class CelType
{
    private CelType(CelTypeKind kind, string name, params IReadOnlyList<CelType> parameters)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters;
    }

    public static CelType Dyn { get; } = new(CelTypeKind.Dyn, "dyn");

    public static CelType Error { get; } = new(CelTypeKind.Error, "!error!");

    public static CelType Null { get; } = new(CelTypeKind.Null, "null");

    public static CelType Bool { get; } = new(CelTypeKind.Bool, "bool");

    public static CelType Int { get; } = new(CelTypeKind.Int, "int");

    public static CelType Uint { get; } = new(CelTypeKind.Uint, "uint");

    public static CelType Double { get; } = new(CelTypeKind.Double, "double");

    public static CelType String { get; } = new(CelTypeKind.String, "string");

    public static CelType Bytes { get; } = new(CelTypeKind.Bytes, "bytes");

    public static CelType Duration { get; } = new(CelTypeKind.Duration, "duration");

    public static CelType Timestamp { get; } = new(CelTypeKind.Timestamp, "timestamp");

    public static CelType Ip { get; } = new(CelTypeKind.Opaque, "net.IP");

    public static CelType Cidr { get; } = new(CelTypeKind.Opaque, "net.CIDR");

    public static CelType Url { get; } = Object("kubernetes.URL", new Dictionary<string, CelType>());

    public static CelType Quantity { get; } = Object("kubernetes.Quantity", new Dictionary<string, CelType>());

    public static CelType Semver { get; } = Object("kubernetes.Semver", new Dictionary<string, CelType>());

    public static CelType Format { get; } = Object("kubernetes.NamedFormat", new Dictionary<string, CelType>());

    public static CelType Authorizer { get; } = Object(
        "kubernetes.authorization.Authorizer", new Dictionary<string, CelType>());

    public static CelType PathCheck { get; } = Object(
        "kubernetes.authorization.PathCheck", new Dictionary<string, CelType>());

    public static CelType GroupCheck { get; } = Object(
        "kubernetes.authorization.GroupCheck", new Dictionary<string, CelType>());

    public static CelType ResourceCheck { get; } = Object(
        "kubernetes.authorization.ResourceCheck", new Dictionary<string, CelType>());

    public static CelType Decision { get; } = Object(
        "kubernetes.authorization.Decision", new Dictionary<string, CelType>());

    public CelTypeKind Kind { get; }

    public string Name { get; }

    public IReadOnlyList<CelType> Parameters { get; }

    /// <summary>The fields by their names in expressions, escaped if necessary.</summary>
    public IReadOnlyDictionary<string, CelType> Fields { get; private init; } = new Dictionary<string, CelType>();

    public bool IsOptional => Kind == CelTypeKind.Opaque && Name == "optional_type";

    public bool IsDynOrError => Kind is CelTypeKind.Dyn or CelTypeKind.Error;

    public static CelType List(CelType element) => new(CelTypeKind.List, "list", element);

    public static CelType Map(CelType key, CelType value) => new(CelTypeKind.Map, "map", key, value);

    public static CelType Optional(CelType value) => new(CelTypeKind.Opaque, "optional_type", value);

    public static CelType TypeOf(CelType type) => new(CelTypeKind.Type, "type", type);

    public static CelType Parameter(string name) => new(CelTypeKind.Parameter, name);

    public static CelType Object(string name, IReadOnlyDictionary<string, CelType> fields) =>
        new(CelTypeKind.Object, name) { Fields = fields };

    public CelType WithParameters(IReadOnlyList<CelType> parameters) => new(Kind, Name, parameters) { Fields = Fields };

    public bool IsExactly(CelType other) =>
        ReferenceEquals(this, other)
        || (Kind == other.Kind
            && Kind != CelTypeKind.Object
            && Name == other.Name
            && Parameters.Count == other.Parameters.Count
            && Parameters.Zip(other.Parameters).All(pair => pair.First.IsExactly(pair.Second)));

    /// <summary>The format of messages: <c>list(string)</c>, <c>map(string, int)</c>.</summary>
    public override string ToString() => Parameters.Count == 0 ? Name : $"{Name}({string.Join(", ", Parameters)})";
}

internal enum CelTypeKind
{
    Dyn,
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List,
    Map,

    /// <summary>A value with declared fields, or one of the library's types (a URL, a quantity).</summary>
    Object,

    /// <summary>Optionals, addresses and CIDRs.</summary>
    Opaque,

    /// <summary>The type of a type.</summary>
    Type,

    /// <summary>A type parameter in a function's signature.</summary>
    Parameter,
}

/// <summary>Infers the types of list and map literals.</summary>
/// <param name="check">Infers the type of an element.</param>
/// <param name="report">Reports an error at a position.</param>
internal sealed class CelAggregateTypes(
    CelTypeBindings bindings, Func<CelExpression, CelType> check, Func<int, string, CelType> report)
{
    public CelType TypeOf(CreateList list)
    {
        CelType? element = null;
        for (var i = 0; i < list.Elements.Count; i++)
        {
            var type = check(list.Elements[i]);
            element = Join(element, list.Optionals.Contains(i) ? Unwrap(list.Elements[i], type) : type);
        }

        return CelType.List(element ?? bindings.NewParameter());
    }

    public CelType TypeOf(CreateMap map)
    {
        CelType? key = null;
        CelType? value = null;
        foreach (var entry in map.Entries)
        {
            key = Join(key, check(entry.Key));
            var type = check(entry.Value);
            value = Join(value, entry.IsOptional ? Unwrap(entry.Value, type) : type);
        }

        return CelType.Map(key ?? bindings.NewParameter(), value ?? bindings.NewParameter());
    }

    private CelType Unwrap(CelExpression at, CelType type)
    {
        if (type.IsOptional)
        {
            return type.Parameters[0];
        }

        return type.Kind == CelTypeKind.Dyn
            ? type
            : report(at.Offset, $"expected type '{CelType.Optional(type)}' but found '{type}'");
    }

    /// <summary>
    /// Literals of mixed types are dyn here; <see cref="CelLiteralValidator"/> refuses them where they are not allowed.
    /// </summary>
    private CelType Join(CelType? previous, CelType current) =>
        previous is null ? current
        : bindings.TryAssign(previous, current) ? CelTypeBindings.MostGeneral(previous, current)
        : CelType.Dyn;
}

/// <summary>Bindings of type parameters, found by unification. A failed attempt leaves them unchanged.</summary>
internal sealed class CelTypeBindings
{
    private Dictionary<string, CelType> _bindings = new(StringComparer.Ordinal);
    private int _parameters;

    /// <summary>A new unbound parameter.</summary>
    public CelType NewParameter() => CelType.Parameter($"_var{_parameters++}");

    /// <summary>Whether one type is assignable to the other; binds parameters only on success.</summary>
    public bool TryAssign(CelType left, CelType right) => TryAssign([left], [right]);

    public bool TryAssign(IReadOnlyList<CelType> left, IReadOnlyList<CelType> right)
    {
        var before = new Dictionary<string, CelType>(_bindings, StringComparer.Ordinal);
        if (AreAssignable(left, right))
        {
            return true;
        }

        _bindings = before;
        return false;
    }

    /// <summary>Replaces bound parameters and, if requested, unbound ones by dyn.</summary>
    public CelType Substitute(CelType type, bool freeToDyn)
    {
        if (type.Kind == CelTypeKind.Parameter)
        {
            return _bindings.TryGetValue(type.Name, out var bound) ? Substitute(bound, freeToDyn)
                : freeToDyn ? CelType.Dyn
                : type;
        }

        return type.Parameters.Count == 0 ? type
            : type.WithParameters([.. type.Parameters.Select(parameter => Substitute(parameter, freeToDyn))]);
    }

    /// <summary>The less specific of two types that unify.</summary>
    public static CelType MostGeneral(CelType left, CelType right) => IsEqualOrLessSpecific(left, right) ? left : right;

    private bool AreAssignable(IReadOnlyList<CelType> left, IReadOnlyList<CelType> right) =>
        left.Count == right.Count && left.Zip(right).All(pair => IsAssignable(pair.First, pair.Second));

    private bool IsAssignable(CelType left, CelType right)
    {
        if (right.Kind == CelTypeKind.Parameter)
        {
            var (isValid, hasBinding) = TryBind(left, right);
            if (isValid || hasBinding)
            {
                return isValid;
            }
        }

        if (left.Kind == CelTypeKind.Parameter)
        {
            return TryBind(right, left).IsValid;
        }

        if (left.IsDynOrError || right.IsDynOrError)
        {
            return true;
        }

        if (left.Kind == CelTypeKind.Null || right.Kind == CelTypeKind.Null)
        {
            return IsNullable(left.Kind == CelTypeKind.Null ? right : left);
        }

        return left.Kind switch
        {
            CelTypeKind.Type => right.Kind == CelTypeKind.Type,
            CelTypeKind.Opaque or CelTypeKind.List or CelTypeKind.Map =>
                left.Kind == right.Kind && left.Name == right.Name && AreAssignable(left.Parameters, right.Parameters),
            _ => left.IsExactly(right),
        };
    }

    private (bool IsValid, bool HasBinding) TryBind(CelType type, CelType parameter)
    {
        if (type.IsExactly(parameter))
        {
            return (true, true);
        }

        if (_bindings.TryGetValue(parameter.Name, out var bound))
        {
            if (type.IsExactly(bound))
            {
                return (true, true);
            }

            if (!IsAssignable(type, bound))
            {
                return (false, true);
            }

            var general = MostGeneral(type, bound);
            if (!OccursIn(parameter, general))
            {
                _bindings[parameter.Name] = general;
            }

            return (true, true);
        }

        if (OccursIn(parameter, type))
        {
            return (false, false);
        }

        _bindings[parameter.Name] = type;
        return (true, false);
    }

    /// <summary>The occurs check: binding a parameter to a type that contains it would never terminate.</summary>
    private bool OccursIn(CelType parameter, CelType type) => type.Kind == CelTypeKind.Parameter
        ? type.Name == parameter.Name || (_bindings.TryGetValue(type.Name, out var bound) && OccursIn(parameter, bound))
        : type.Parameters.Any(inner => OccursIn(parameter, inner));

    private static bool IsNullable(CelType type) => type.Kind
        is CelTypeKind.Null or CelTypeKind.Opaque or CelTypeKind.Object or CelTypeKind.Duration
            or CelTypeKind.Timestamp;

    private static bool IsEqualOrLessSpecific(CelType left, CelType right)
    {
        if (left.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter)
        {
            return true;
        }

        if (right.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter || left.Kind != right.Kind)
        {
            return false;
        }

        return left.Kind switch
        {
            CelTypeKind.Type => true,
            CelTypeKind.Opaque or CelTypeKind.List or CelTypeKind.Map =>
                left.Name == right.Name
                && left.Parameters.Count == right.Parameters.Count
                && left.Parameters.Zip(right.Parameters).All(pair => IsEqualOrLessSpecific(pair.First, pair.Second)),
            _ => left.IsExactly(right),
        };
    }
}
