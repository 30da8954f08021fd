using DevCluster.Schema.Cel;

namespace DevCluster.ApiServer.Admission.Policies;

/// <summary>A compiled expression of a policy, or the reason why it does not compile.</summary>
internal sealed record PolicyExpression(string Text)
{
    public CelProgram? Program { get; private init; }

    /// <summary>The error message of the real API; null if the expression compiles.</summary>
    public string? Problem { get; private init; }

    /// <summary>
    /// Whether the problem appears only when constants are evaluated, which the real API reports as an internal error.
    /// </summary>
    public bool IsInternal { get; private init; }

    /// <param name="results">The allowed result types; empty allows all.</param>
    public static PolicyExpression Compile(
        string text, IReadOnlyDictionary<string, CelType> variables, params IReadOnlyList<CelType> results)
    {
        var expression = new PolicyExpression(text);
        if (CelCompiler.Compile(text, variables, out var problems) is not { } program)
        {
            return expression with { Problem = $"compilation failed: {problems}" };
        }

        if (results.Count > 0 && !results.Any(program.ResultType.IsExactly))
        {
            return expression with
            {
                Problem = results.Count == 1
                    ? $"must evaluate to {results[0]} but got {program.ResultType}"
                    : $"must evaluate to one of [{string.Join(' ', results.Select(TypeName))}] "
                        + $"but got {program.ResultType}",
            };
        }

        return CelConstants.FindProblem(program.Expression) is { } constant
            ? expression with { Problem = $"program instantiation failed: {constant}", IsInternal = true }
            : expression with { Program = program };
    }

    private static string TypeName(CelType type) => type.Kind == CelTypeKind.Null ? "null_type" : type.ToString();
}

/// <summary>The variables of admission, with their types, that the expressions of a policy can use.</summary>
internal sealed class PolicyDeclarations(bool hasParameters, bool hasComposition)
{
    public const string Object = "object";
    public const string OldObject = "oldObject";
    public const string Parameters = "params";
    public const string Request = "request";
    public const string NamespaceObject = "namespaceObject";
    public const string Authorizer = "authorizer";
    public const string RequestResource = "authorizer.requestResource";
    public const string Variables = "variables";

    private static readonly CelType Kind = Fields("kubernetes.GroupVersionKind", "group", "version", "kind");
    private static readonly CelType Resource = Fields(
        "kubernetes.GroupVersionResource", "group", "version", "resource");
    private static readonly CelType Texts = CelType.List(CelType.String);
    private static readonly CelType Strings = CelType.Map(CelType.String, CelType.String);

    private static readonly CelType User = CelType.Object("kubernetes.UserInfo", new Dictionary<string, CelType>
    {
        ["username"] = CelType.String,
        ["uid"] = CelType.String,
        ["groups"] = Texts,
        ["extra"] = CelType.Map(CelType.String, Texts),
    });

    private static readonly CelType RequestType = CelType.Object(
        "kubernetes.AdmissionRequest",
        new Dictionary<string, CelType>
        {
            ["kind"] = Kind,
            ["resource"] = Resource,
            ["subResource"] = CelType.String,
            ["requestKind"] = Kind,
            ["requestResource"] = Resource,
            ["requestSubResource"] = CelType.String,
            ["name"] = CelType.String,
            ["namespace"] = CelType.String,
            ["operation"] = CelType.String,
            ["userInfo"] = User,
            ["dryRun"] = CelType.Bool,
            ["options"] = CelType.Dyn,
        });

    private static readonly CelType NamespaceType = CelType.Object(
        "kubernetes.Namespace",
        new Dictionary<string, CelType>
        {
            ["metadata"] = CelType.Object("kubernetes.NamespaceMetadata", new Dictionary<string, CelType>
            {
                ["name"] = CelType.String,
                ["generateName"] = CelType.String,
                ["namespace"] = CelType.String,
                ["labels"] = Strings,
                ["annotations"] = Strings,
                ["UID"] = CelType.String,
                ["creationTimestamp"] = CelType.Timestamp,
                ["deletionGracePeriodSeconds"] = CelType.Int,
                ["deletionTimestamp"] = CelType.Timestamp,
                ["generation"] = CelType.Int,
                ["resourceVersion"] = CelType.String,
                ["finalizers"] = Texts,
            }),
            ["spec"] = CelType.Object(
                "kubernetes.NamespaceSpec", new Dictionary<string, CelType> { ["finalizers"] = Texts }),
            ["status"] = CelType.Object("kubernetes.NamespaceStatus", new Dictionary<string, CelType>
            {
                ["conditions"] = CelType.List(
                    CelType.Object("kubernetes.NamespaceCondition", new Dictionary<string, CelType>
                    {
                        ["status"] = CelType.String,
                        ["type"] = CelType.String,
                        ["lastTransitionTime"] = CelType.Timestamp,
                        ["message"] = CelType.String,
                        ["reason"] = CelType.String,
                    })),
                ["phase"] = CelType.String,
            }),
        });

    private readonly Dictionary<string, CelType> _composed = new(StringComparer.Ordinal);

    /// <summary>For validations, variables and audit annotations.</summary>
    public IReadOnlyDictionary<string, CelType> All => Declare(hasAuthorizer: true, hasVariables: true);

    /// <summary>For messages, which cannot ask the authorizer.</summary>
    public IReadOnlyDictionary<string, CelType> ForMessages => Declare(hasAuthorizer: false, hasVariables: true);

    /// <summary>For match conditions, which are evaluated before the variables.</summary>
    public IReadOnlyDictionary<string, CelType> ForConditions => Declare(hasAuthorizer: true, hasVariables: false);

    /// <summary>Declares <c>variables.NAME</c> for the expressions that follow.</summary>
    public void Compose(string name, PolicyExpression expression) =>
        _composed[name] = expression.Program is null ? CelType.Dyn : Simplify(expression.Program.ResultType);

    private Dictionary<string, CelType> Declare(bool hasAuthorizer, bool hasVariables)
    {
        var declared = new Dictionary<string, CelType>(StringComparer.Ordinal)
        {
            [Object] = CelType.Dyn,
            [OldObject] = CelType.Dyn,
            [Request] = RequestType,
            [NamespaceObject] = NamespaceType,
        };
        if (hasParameters)
        {
            declared[Parameters] = CelType.Dyn;
        }

        if (hasAuthorizer)
        {
            declared[Authorizer] = CelType.Authorizer;
            declared[RequestResource] = CelType.ResourceCheck;
        }

        if (hasVariables && hasComposition)
        {
            declared[Variables] = CelType.Object(
                "kubernetes.variables", new Dictionary<string, CelType>(_composed, StringComparer.Ordinal));
        }

        return declared;
    }

    /// <summary>The real API keeps only the scalars, lists and maps of a variable's type.</summary>
    private static CelType Simplify(CelType type) => type.Kind switch
    {
        CelTypeKind.List => CelType.List(Simplify(type.Parameters[0])),
        CelTypeKind.Map => CelType.Map(Simplify(type.Parameters[0]), Simplify(type.Parameters[1])),
        CelTypeKind.Object or CelTypeKind.Opaque or CelTypeKind.Type or CelTypeKind.Parameter => CelType.Dyn,
        _ => type,
    };

    private static CelType Fields(string name, params ReadOnlySpan<string> fields)
    {
        var types = new Dictionary<string, CelType>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            types[field] = CelType.String;
        }

        return CelType.Object(name, types);
    }
}
