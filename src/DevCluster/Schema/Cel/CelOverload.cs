namespace DevCluster.Schema.Cel;

/// <summary>One signature of a function, and what it does.</summary>
/// <param name="Parameters">For a method, the receiver first.</param>
/// <param name="Apply">Gets values that suit the parameters, never errors; returns a value or a
/// <see cref="CelError"/>.</param>
internal sealed record CelOverload(
    string Function,
    bool IsMethod,
    IReadOnlyList<CelType> Parameters,
    CelType Result,
    Func<object[], object> Apply)
{
    /// <summary>The signature with type parameters of its own, so that two calls do not share them.</summary>
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
    /// The overloads that arguments of these types suit, and the result's type: dyn when they differ, null when none
    /// suits.
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
