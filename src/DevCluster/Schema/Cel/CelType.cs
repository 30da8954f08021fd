namespace DevCluster.Schema.Cel;

/// <summary>A static type. Types with declared fields are the same only when they are one instance.</summary>
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

    /// <summary>By the name under which expressions know them, escaped where need be.</summary>
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

    /// <summary>As messages write it: <c>list(string)</c>, <c>map(string, int)</c>.</summary>
    public override string ToString() => Parameters.Count == 0 ? Name : $"{Name}({string.Join(", ", Parameters)})";
}
