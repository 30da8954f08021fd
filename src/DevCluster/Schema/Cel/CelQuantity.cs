using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DevCluster.Schema.Cel;

/// <summary>A Kubernetes quantity (<c>500m</c>, <c>1.5Gi</c>), exact to the nano, which is as fine as they get.</summary>
internal sealed partial record CelQuantity(BigInteger Nanos) : IComparable<CelQuantity>
{
    private const string Decimals = "num kMGTPE";

    private static readonly BigInteger PerUnit = 1_000_000_000;

    public bool IsInteger => Nanos % PerUnit == 0 && BigInteger.Abs(Nanos / PerUnit) <= long.MaxValue;

    public long? Integer => IsInteger ? (long)(Nanos / PerUnit) : null;

    public double ApproximateFloat => (double)Nanos / 1e9;

    public static CelQuantity Of(long value) => new(value * PerUnit);

    public static bool TryParse(string text, out CelQuantity quantity)
    {
        quantity = new CelQuantity(BigInteger.Zero);
        var match = Form().Match(text);
        if (!match.Success)
        {
            return false;
        }

        var fraction = match.Groups["fraction"].Value;
        var digits = BigInteger.Parse("0" + match.Groups["whole"].Value + fraction, CultureInfo.InvariantCulture);
        var (numerator, denominator) = Scale(match.Groups["suffix"].Value);
        numerator *= digits * PerUnit;
        denominator *= BigInteger.Pow(10, fraction.Length);
        var magnitude = BigInteger.DivRem(numerator, denominator, out var remainder);
        magnitude += remainder.IsZero ? 0 : 1;
        quantity = new CelQuantity(match.Groups["sign"].Value == "-" ? -magnitude : magnitude);
        return true;
    }

    public int CompareTo(CelQuantity? other) => other is null ? 1 : Nanos.CompareTo(other.Nanos);

    private static (BigInteger Numerator, BigInteger Denominator) Scale(string suffix)
    {
        if (suffix.EndsWith('i'))
        {
            return (BigInteger.Pow(1024, "KMGTPE".IndexOf(suffix[0], StringComparison.Ordinal) + 1), 1);
        }

        var power = suffix.Length == 0 ? 0
            : suffix.Length > 1 ? int.Parse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : suffix == "u" ? -6
            : suffix == "m" ? -3
            : suffix == "n" ? -9
            : (Decimals.IndexOf(suffix[0], StringComparison.Ordinal) - 3) * 3;
        return power >= 0 ? (BigInteger.Pow(10, power), 1) : (1, BigInteger.Pow(10, -power));
    }

    [GeneratedRegex(@"^(?<sign>[+-]?)(?=\.?\d)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3}|)$")]
    private static partial Regex Form();
}
