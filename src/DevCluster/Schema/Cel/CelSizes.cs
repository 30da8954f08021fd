using static DevCluster.Schema.Cel.CelExpression;

namespace DevCluster.Schema.Cel;

/// <summary>What sizes can be told without evaluating: from literals, types and declarations.</summary>
internal static class CelSizes
{
    public static CelCostRange? OfLiteral(CelExpression node) => node switch
    {
        Literal literal => CelCostRange.Fixed((ulong)(CelValues.Size(literal.Value) ?? 1)),
        CreateList list => CelCostRange.Fixed((ulong)list.Elements.Count),
        CreateMap map => CelCostRange.Fixed((ulong)map.Entries.Count),
        _ => null,
    };

    public static bool IsScalar(CelType type) => type.Kind
        is CelTypeKind.Bool or CelTypeKind.Double or CelTypeKind.Duration or CelTypeKind.Int or CelTypeKind.Timestamp
            or CelTypeKind.Uint
        || (type.IsOptional && IsScalar(type.Parameters[0]));

    /// <summary>The first step of a path is a variable, and all variables are declared alike.</summary>
    public static CelCostRange? Declared(CelDeclaration root, IReadOnlyList<string> path)
    {
        CelDeclaration? declaration = root;
        foreach (var step in path.Skip(1))
        {
            declaration = step switch
            {
                "@items" or "@values" => declaration.Element,
                "@keys" => declaration.Key,
                _ => declaration.Fields.GetValueOrDefault(step),
            };
            if (declaration is null)
            {
                return null;
            }
        }

        return new CelCostRange(0, (ulong)declaration.MostElements);
    }
}
