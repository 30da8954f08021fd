using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DevCluster.Schema.Formats;

/// <summary>
/// An amount of a resource (<c>500m</c>, <c>1Gi</c>) as an exact number of nano-units, for addition and comparison.
/// </summary>
internal readonly partial record struct Quantity(BigInteger Nanos, QuantityFormat Format) : IComparable<Quantity>
{
    private const string FormatProblem =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    /// <summary>Larger amounts count as infinite.</summary>
    private const int LargestPower = 400;

    private static readonly BigInteger One = 1_000_000_000;

    private static readonly (string Suffix, BigInteger Factor)[] Binary =
        [
            .. new[]
            {
                "Ki",
                "Mi",
                "Gi",
                "Ti",
                "Pi",
                "Ei",
            }.Select((suffix, i) => (suffix, BigInteger.Pow(1024, i + 1) * One)).Reverse(),
        ];

    private static readonly (string Suffix, BigInteger Factor)[] Decimal =
    [
        .. new[]
        {
            "n",
            "u",
            "m",
            "",
            "k",
            "M",
            "G",
            "T",
            "P",
            "E",
        }.Select((suffix, i) => (suffix, BigInteger.Pow(1000, i))).Reverse(),
    ];

    public bool IsWhole => (Nanos % One).IsZero;

    /// <summary>The amount as a whole number; null if it has a fraction or exceeds 64 bits.</summary>
    public long? Integer => IsWhole && BigInteger.Abs(Nanos / One) <= long.MaxValue ? (long)(Nanos / One) : null;

    public double ApproximateFloat => (double)Nanos / 1e9;

    public static Quantity FromInteger(long value) => new(value * One, QuantityFormat.Decimal);

    /// <summary>Parses a quantity; false if the text is invalid.</summary>
    public static bool TryParse(string? text, out Quantity quantity) => Problem(text, out quantity) is null;

    /// <summary>The real API's error for an invalid quantity; null if it is valid.</summary>
    public static string? Problem(string? text, out Quantity quantity)
    {
        quantity = default;
        var match = Form().Match(text ?? "");
        if (string.IsNullOrEmpty(text) || !match.Success)
        {
            return FormatProblem;
        }

        if (!TryFactor(match.Groups["suffix"].Value, out var numerator, out var denominator, out var format))
        {
            return "unable to parse quantity's suffix";
        }

        var fraction = match.Groups["fraction"].Value;
        var digits = BigInteger.Parse("0" + match.Groups["whole"].Value + fraction, CultureInfo.InvariantCulture);

        // Fractions of a nano-unit are rounded away from zero.
        var nanos = BigInteger.DivRem(
            digits * numerator * One, denominator * BigInteger.Pow(10, fraction.Length), out var rest);
        nanos += rest.IsZero ? 0 : 1;
        quantity = new Quantity(match.Groups["sign"].Value == "-" ? -nanos : nanos, format);
        return null;
    }

    public static Quantity operator +(Quantity left, Quantity right) => new(left.Nanos + right.Nanos, left.Format);

    public static Quantity operator -(Quantity left, Quantity right) => new(left.Nanos - right.Nanos, left.Format);

    /// <summary>Equal amounts are equal, regardless of their format.</summary>
    public bool Equals(Quantity other) => Nanos == other.Nanos;

    public override int GetHashCode() => Nanos.GetHashCode();

    public int CompareTo(Quantity other) => Nanos.CompareTo(other.Nanos);

    /// <summary>The canonical text: the largest suffix that avoids a fraction.</summary>
    public override string ToString()
    {
        var isBinary = Format == QuantityFormat.Binary && BigInteger.Abs(Nanos) >= 1024 * One;
        if (isBinary)
        {
            var whole = BigInteger.DivRem(Nanos, One, out var rest) + (rest.IsZero ? 0 : 1);
            return Render(whole * One, Binary) ?? whole.ToString(CultureInfo.InvariantCulture);
        }

        return Nanos.IsZero ? "0" : Format == QuantityFormat.Exponent ? RenderExponent() : Render(Nanos, Decimal)!;
    }

    private static string? Render(BigInteger nanos, (string Suffix, BigInteger Factor)[] ladder)
    {
        foreach (var (suffix, factor) in ladder)
        {
            var mantissa = BigInteger.DivRem(nanos, factor, out var rest);
            if (rest.IsZero)
            {
                return mantissa.ToString(CultureInfo.InvariantCulture) + suffix;
            }
        }

        return null;
    }

    private string RenderExponent()
    {
        var nanos = Nanos;
        var (suffix, factor) = Decimal.First(step => (nanos % step.Factor).IsZero);
        var exponent =
            3 * (Array.FindIndex(
                Decimal, step => step.Suffix.Length == 0) - Array.FindIndex(Decimal, step => step.Suffix == suffix));
        var mantissa = (nanos / factor).ToString(CultureInfo.InvariantCulture);
        return exponent == 0 ? mantissa : string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{exponent}");
    }

    private static bool TryFactor(
        string suffix, out BigInteger numerator, out BigInteger denominator, out QuantityFormat format)
    {
        (numerator, denominator, format) = (1, 1, QuantityFormat.Decimal);
        if (suffix is ['e' or 'E', not 'i', ..])
        {
            format = QuantityFormat.Exponent;
            if (!long.TryParse(
                suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power))
            {
                return false;
            }

            var factor = BigInteger.Pow(10, (int)Math.Min(Math.Abs(power), LargestPower));
            (numerator, denominator) = power < 0 ? (BigInteger.One, factor) : (factor, BigInteger.One);
            return true;
        }

        foreach (var (ladder, kind) in new[] { (Decimal, QuantityFormat.Decimal), (Binary, QuantityFormat.Binary) })
        {
            foreach (var step in ladder.Where(step => step.Suffix == suffix))
            {
                (numerator, denominator, format) = (step.Factor, One, kind);
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"\A(?<sign>[+-]?)(?<whole>[0-9]*)(\.(?<fraction>[0-9]*))?(?<suffix>[eEinumkKMGTP]*[-+]?[0-9]*)\z")]
    private static partial Regex Form();
}

/// <summary>The suffix family of a quantity, which its canonical form keeps.</summary>
internal enum QuantityFormat
{
    Decimal,
    Binary,
    Exponent,
}
