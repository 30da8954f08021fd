using System.Globalization;
using DevCluster.Schema.Errors;

namespace DevCluster.Schema.Crds;

/// <summary>Adds up the worst-case costs of a schema's rules and remembers the dearest.</summary>
internal sealed class RuleCostTally
{
    /// <summary>The real API's limit for one expression.</summary>
    public const ulong ExpressionLimit = 10_000_000;

    /// <summary>The real API's limit for a whole schema.</summary>
    public const ulong SchemaLimit = 100_000_000;

    private const int Remembered = 4;

    private readonly List<(FieldPath Path, ulong Cost)> _costs = [];

    public ulong Total { get; private set; }

    /// <summary>Those that make up at least a hundredth of the limit, dearest first.</summary>
    public IEnumerable<FieldPath> Dearest =>
        _costs.Where(entry => entry.Cost >= SchemaLimit / 100)
            .OrderByDescending(entry => entry.Cost)
            .Take(Remembered)
            .Select(entry => entry.Path);

    public static ulong Multiply(ulong left, ulong right) =>
        right != 0 && left > ulong.MaxValue / right ? ulong.MaxValue : left * right;

    public static string Describe(string what, ulong cost, ulong limit)
    {
        var factor = (double)cost / limit;
        var shown = factor > 100 ? "more than 100x"
            : factor < 1.5 ? factor.ToString("F6", CultureInfo.InvariantCulture) + "x"
            : factor.ToString("F1", CultureInfo.InvariantCulture) + "x";
        return $"{what} exceeds budget by factor of {shown} (try simplifying the rule, or adding maxItems, "
            + $"maxProperties, and maxLength where arrays, maps, and strings are declared)";
    }

    public void Add(FieldPath path, ulong cost)
    {
        Total = ulong.MaxValue - Total < cost ? ulong.MaxValue : Total + cost;
        _costs.Add((path, cost));
    }
}
