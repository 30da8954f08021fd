using System.Globalization;
using System.Numerics;

namespace DevCluster.Schema.Formats;

/// <summary>An amount of a resource (<c>500m</c>, <c>1Gi</c>) as an exact count of nano-units, so that amounts add and compare.</summary>
internal readonly record struct Quantity(BigInteger Nanos, QuantityFormat Format) : IComparable<Quantity>
{
    private static readonly BigInteger One = 1_000_000_000;

    private static readonly (string Suffix, BigInteger Factor)[] Binary =
        [.. new[] { "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" }.Select((suffix, i) => (suffix, BigInteger.Pow(1024, i + 1) * One)).Reverse()];

    private static readonly (string Suffix, BigInteger Factor)[] Decimal =
    [
        .. new[] { "n", "u", "m", "", "k", "M", "G", "T", "P", "E" }.Select((suffix, i) => (suffix, BigInteger.Pow(1000, i))).Reverse(),
    ];

    public bool IsWhole => (Nanos % One).IsZero;

    /// <summary>Reads a quantity; false for text that is none.</summary>
    public static bool TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var end = text.Length;
        while (end > 0 && !char.IsAsciiDigit(text[end - 1]) && text[end - 1] != '.')
        {
            end--;
        }

        var suffix = text[end..];
        var exponent = text.AsSpan(0, end).IndexOfAny('e', 'E');
        if (exponent > 0 && suffix.Length == 0)
        {
            return TryParseExponent(text, exponent, out quantity);
        }

        return TryFactor(suffix, out var factor, out var format) && TryScale(text[..end], factor, format, out quantity);
    }

    public static Quantity operator +(Quantity left, Quantity right) => new(left.Nanos + right.Nanos, left.Format);

    public int CompareTo(Quantity other) => Nanos.CompareTo(other.Nanos);

    /// <summary>The canonical text: the largest suffix without a fraction.</summary>
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
        var exponent = 3 * (Array.FindIndex(Decimal, step => step.Suffix.Length == 0) - Array.FindIndex(Decimal, step => step.Suffix == suffix));
        var mantissa = (nanos / factor).ToString(CultureInfo.InvariantCulture);
        return exponent == 0 ? mantissa : string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{exponent}");
    }

    private static bool TryFactor(string suffix, out BigInteger factor, out QuantityFormat format)
    {
        foreach (var (ladder, kind) in new[] { (Decimal, QuantityFormat.Decimal), (Binary, QuantityFormat.Binary) })
        {
            foreach (var step in ladder.Where(step => step.Suffix == suffix))
            {
                (factor, format) = (step.Factor, kind);
                return true;
            }
        }

        (factor, format) = (default, default);
        return false;
    }

    private static bool TryParseExponent(string text, int at, out Quantity quantity)
    {
        quantity = default;
        if (!int.TryParse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power) || power is < -9 or > 18)
        {
            return false;
        }

        return TryScale(text[..at], BigInteger.Pow(10, power + 9), QuantityFormat.Exponent, out quantity);
    }

    private static bool TryScale(string number, BigInteger factor, QuantityFormat format, out Quantity quantity)
    {
        quantity = default;
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? number : number.Remove(point, 1);
        if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var mantissa))
        {
            return false;
        }

        var scale = BigInteger.Pow(10, point < 0 ? 0 : number.Length - point - 1);
        var nanos = BigInteger.DivRem(mantissa * factor, scale, out var rest);

        // What is finer than a nano-unit is rounded up, away from zero.
        quantity = new Quantity(nanos + rest.Sign, format);
        return true;
    }
}
