namespace DevCluster.Schema.Cel;

/// <summary>
/// What type parameters stand for, found by unification. Immutable for the caller: an attempt that fails leaves no
/// trace.
/// </summary>
internal sealed class CelTypeBindings
{
    private Dictionary<string, CelType> _bindings = new(StringComparer.Ordinal);
    private int _parameters;

    /// <summary>A parameter that nothing is known of yet.</summary>
    public CelType NewParameter() => CelType.Parameter($"_var{_parameters++}");

    /// <summary>Whether values of one type may be used for the other; binds parameters if so, and only then.</summary>
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

    /// <summary>The type with all bound parameters replaced, and the free ones by dyn when asked.</summary>
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

    /// <summary>The occurs check: a parameter bound to a type that contains it would never end.</summary>
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
