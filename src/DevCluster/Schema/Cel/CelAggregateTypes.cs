using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>Types list and map literals by what they hold.</summary>
/// <param name="check">Types an element.</param>
/// <param name="report">Reports a mistake at a place.</param>
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
