using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Cel;

/// <summary>
/// Operations on all values. A value is a long, ulong, double, bool, string, byte[],
/// <see cref="DateTimeOffset"/>, or one of this namespace's types.
/// </summary>
internal static class CelValues
{
    /// <summary>CEL's equality, for the keys of maps.</summary>
    public static IEqualityComparer<object> Comparer { get; } = new CelEqualityComparer();

    public static bool IsNumber(object value) => value is long or ulong or double;

    /// <summary>
    /// Whether a value can be passed for a parameter of the type; elements of lists and maps are not checked.
    /// </summary>
    public static bool Is(object value, CelType type) => type.Kind switch
    {
        CelTypeKind.Dyn or CelTypeKind.Parameter or CelTypeKind.Error => true,
        CelTypeKind.Null => value is CelNull,
        CelTypeKind.Bool => value is bool,
        CelTypeKind.Int => value is long,
        CelTypeKind.Uint => value is ulong,
        CelTypeKind.Double => value is double,
        CelTypeKind.String => value is string,
        CelTypeKind.Bytes => value is byte[],
        CelTypeKind.Duration => value is CelDuration,
        CelTypeKind.Timestamp => value is DateTimeOffset,
        CelTypeKind.List => value is CelList,
        CelTypeKind.Map => value is CelMap,
        CelTypeKind.Type => value is CelTypeValue,
        _ => TypeName(value) == type.Name,
    };

    /// <summary>The static type of a literal.</summary>
    public static CelType TypeOf(object literal) => literal switch
    {
        bool => CelType.Bool,
        long => CelType.Int,
        ulong => CelType.Uint,
        double => CelType.Double,
        string => CelType.String,
        byte[] => CelType.Bytes,
        _ => CelType.Null,
    };

    public static string TypeName(object value) => value switch
    {
        CelNull => "null_type",
        bool => "bool",
        long => "int",
        ulong => "uint",
        double => "double",
        string => "string",
        byte[] => "bytes",
        CelDuration => "google.protobuf.Duration",
        DateTimeOffset => "google.protobuf.Timestamp",
        CelList => "list",
        CelMap => "map",
        CelOptional => "optional_type",
        CelTypeValue => "type",
        CelIp => CelType.Ip.Name,
        CelCidr => CelType.Cidr.Name,
        GoUrl => CelType.Url.Name,
        Quantity => CelType.Quantity.Name,
        CelSemver => CelType.Semver.Name,
        CelFormat => CelType.Format.Name,
        CelReceiver receiver => receiver.Type.Name,
        _ => "unknown",
    };

    /// <summary>Values of different types are unequal, but numbers are compared by value.</summary>
    public static bool AreEqual(object left, object right) => (left, right) switch
    {
        _ when IsNumber(left) && IsNumber(right) => CompareNumbers(left, right) == 0,
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (CelList a, CelList b) => AreListsEqual(a, b),
        (CelMap a, CelMap b) => AreMapsEqual(a, b),
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (DateTimeOffset a, DateTimeOffset b) => a.UtcTicks == b.UtcTicks,
        _ => left.Equals(right),
    };

    /// <summary>Compares two values; null if they cannot be ordered.</summary>
    public static int? Compare(object left, object right) => (left, right) switch
    {
        _ when IsNumber(left) && IsNumber(right) => CompareNumbers(left, right),
        (string a, string b) => CompareByCodePoint(a, b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b),
        (bool a, bool b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (CelDuration a, CelDuration b) => a.CompareTo(b),
        _ => null,
    };

    /// <summary>Null for NaN, which cannot be ordered.</summary>
    public static int? CompareNumbers(object left, object right)
    {
        if (left is double.NaN || right is double.NaN)
        {
            return null;
        }

        return (left, right) switch
        {
            (double a, double b) => a.CompareTo(b),
            (double a, _) => CompareToInteger(a, Integer(right)),
            (_, double b) => -CompareToInteger(b, Integer(left)),
            _ => Integer(left).CompareTo(Integer(right)),
        };
    }

    /// <summary>The number of code points, bytes, items or entries; null if the value has no size.</summary>
    public static long? Size(object value) => value switch
    {
        string text => CodePoints(text),
        byte[] bytes => bytes.Length,
        CelList list => list.Count,
        CelMap map => map.Count,
        _ => null,
    };

    public static int CodePoints(string text)
    {
        var surrogates = 0;
        foreach (var character in text)
        {
            surrogates += char.IsLowSurrogate(character) ? 1 : 0;
        }

        return text.Length - surrogates;
    }

    /// <summary>The value in the format of error messages.</summary>
    public static string Show(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>
    /// Compares by code point, as Go does. UTF-16 order would place supplementary characters too low.
    /// </summary>
    public static int CompareByCodePoint(string left, string right)
    {
        var at = left.AsSpan().CommonPrefixLength(right);
        if (at == left.Length || at == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (isLeftPair, isRightPair) = (char.IsSurrogate(left[at]), char.IsSurrogate(right[at]));
        return isLeftPair != isRightPair ? isLeftPair.CompareTo(isRightPair) : left[at].CompareTo(right[at]);
    }

    private static BigInteger Integer(object value) => value is long signed ? signed : (ulong)value;

    private static int CompareToInteger(double left, BigInteger right) =>
        double.IsPositiveInfinity(left) ? 1
        : double.IsNegativeInfinity(left) ? -1
        : new BigInteger(Math.Floor(left)).CompareTo(right) is var order && order != 0 ? order
        : left > Math.Floor(left) ? 1
        : 0;

    private static bool AreListsEqual(CelList left, CelList right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        return left.Type switch
        {
            ListType.Set => right.All(item => left.Any(own => AreEqual(own, item))),
            ListType.Map => right.All(item =>
            {
                var key = left.KeyOf(item).ToList();
                return left.FirstOrDefault(own => left.KeyOf(own).SequenceEqual(key)) is { } found
                    && AreEqual(found, item);
            }),
            _ => left.Zip(right).All(pair => AreEqual(pair.First, pair.Second)),
        };
    }

    private static bool AreMapsEqual(CelMap left, CelMap right) =>
        left.Count == right.Count
        && left.Keys.All(key => (left.Find(key), right.Find(key)) switch
        {
            (null, null) => true,
            ({ } a, { } b) => AreEqual(a, b),
            _ => false,
        });
}

/// <summary>Equality for map keys, where 1, 1u and 1.0 are the same key.</summary>
internal sealed class CelEqualityComparer : IEqualityComparer<object>
{
    public new bool Equals(object? x, object? y) =>
        x is null || y is null ? x is null && y is null : CelValues.AreEqual(x, y);

    public int GetHashCode(object obj) => obj switch
    {
        long signed => ((double)signed).GetHashCode(),
        ulong unsigned => ((double)unsigned).GetHashCode(),
        string or bool or double => obj.GetHashCode(),
        _ => 0,
    };
}

/// <summary>CEL's null, which is a value.</summary>
internal sealed class CelNull
{
    private CelNull()
    {
    }

    public static CelNull Value { get; } = new();

    public override string ToString() => "null";
}

/// <summary>
/// The result of a failed evaluation. It is a value, because <c>&amp;&amp;</c> and <c>||</c> may absorb it.
/// </summary>
internal sealed record CelError(string Message)
{
    public static CelError NoSuchOverload { get; } = new("no such overload");

    public static CelError IntegerOverflow { get; } = new("integer overflow");

    public static CelError UnsignedOverflow { get; } = new("unsigned integer overflow");

    public static CelError DurationOverflow { get; } = new("duration overflow");

    public static CelError TimestampOverflow { get; } = new("timestamp overflow");

    public static CelError NoSuchIndex(object key) =>
        new($"unsupported index type '{CelValues.TypeName(key)}' in list");

    public static CelError NoSuchKey(object key) => new($"no such key: {CelValues.Show(key)}");
}

/// <summary>Data that a schema preserves without describing it; it can only be compared.</summary>
internal sealed record CelUnknown(JsonNode? Content)
{
    public bool Equals(CelUnknown? other) => other is not null && JsonNode.DeepEquals(Content, other.Content);

    public override int GetHashCode() => 0;
}

/// <summary>A value or none.</summary>
internal sealed record CelOptional(object? Value)
{
    public static CelOptional None { get; } = new((object?)null);

    public bool HasValue => Value is not null;

    public static CelOptional FromValue(object value) => new(value);

    public bool Equals(CelOptional? other) =>
        other is not null
        && HasValue == other.HasValue
        && (!HasValue || CelValues.AreEqual(Value!, other.Value!) is true);

    public override int GetHashCode() => HasValue ? 1 : 0;
}

/// <summary>A type as a value: the result of <c>type(x)</c>, and <c>string</c> in <c>type(x) == string</c>.</summary>
internal sealed record CelTypeValue(string Name)
{
    public static CelTypeValue FromType(CelType type) => new(type.Kind switch
    {
        CelTypeKind.Null => "null_type",
        CelTypeKind.Duration => "google.protobuf.Duration",
        CelTypeKind.Timestamp => "google.protobuf.Timestamp",
        _ => type.Name,
    });

    public override string ToString() => Name;
}

/// <summary>A span of time in whole nanoseconds.</summary>
internal readonly record struct CelDuration(long Nanoseconds) : IComparable<CelDuration>
{
    public const long PerSecond = DurationFormats.PerSecond;

    public int CompareTo(CelDuration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Seconds with the required number of decimals: <c>5400s</c>, <c>0.5s</c>.</summary>
    public override string ToString() =>
        ((decimal)Nanoseconds / PerSecond).ToString("0.#########", CultureInfo.InvariantCulture) + "s";
}
