using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DevCluster.Schema.Yaml;

/// <summary>Resolves scalars by YAML 1.1 rules, as the API's library does.</summary>
internal static partial class Scalars
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    public static JsonNode? Read(Scalar scalar, Func<Mark, string, FormatException> failure) =>
        Resolve(scalar, failure) switch
        {
            null => null,
            bool flag => JsonValue.Create(flag),
            BigInteger whole =>
                JsonNumbers.Create(Encoding.UTF8.GetBytes(whole.ToString(CultureInfo.InvariantCulture))),
            double real when double.IsFinite(real) =>
                JsonNumbers.Create(Encoding.UTF8.GetBytes(GoText.JsonDouble(real))),
            double real =>
                throw failure(scalar.Start, $"JSON has no number {GoText.Double(real)}: quote it, or use a finite one"),
            var text => JsonValue.Create((string)text),
        };

    /// <summary>A key in JSON is always text, so <c>on: 1</c> is the field <c>true</c>.</summary>
    public static string Key(Scalar scalar, Func<Mark, string, FormatException> failure) =>
        Resolve(scalar, failure) switch
        {
            null => throw failure(scalar.Start, "a key must not be null: quote it"),
            bool flag => flag ? "true" : "false",
            BigInteger whole => whole.ToString(CultureInfo.InvariantCulture),
            double.PositiveInfinity => ".inf",
            double.NegativeInfinity => "-.inf",
            double.NaN => ".nan",
            double real => GoText.Double(real),
            var text => (string)text,
        };

    private static object? Resolve(Scalar scalar, Func<Mark, string, FormatException> failure)
    {
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (tag is "!" or "!!str" or TagPrefix + "str" || (tag.Length == 0 && scalar.Style != ScalarStyle.Plain))
        {
            return scalar.Value;
        }

        if (!tag.StartsWith(TagPrefix, StringComparison.Ordinal))
        {
            return tag.Length == 0 ? Plain(scalar.Value) : scalar.Value;
        }

        return Tagged(scalar, tag[TagPrefix.Length..], failure);
    }

    private static object? Tagged(Scalar scalar, string type, Func<Mark, string, FormatException> failure)
    {
        FormatException Mismatch() => failure(scalar.Start, $"cannot decode `{scalar.Value}` as a !!{type}");
        switch (type)
        {
            case "binary":
                try
                {
                    return Encoding.UTF8.GetString(System.Convert.FromBase64String(scalar.Value));
                }
                catch (FormatException)
                {
                    throw failure(scalar.Start, "!!binary value contains invalid base64 data");
                }

            case "bool":
                return Plain(scalar.Value) is bool flag ? flag : throw Mismatch();
            case "int":
                return Plain(scalar.Value) is BigInteger whole ? whole : throw Mismatch();
            case "float":
                return Plain(scalar.Value) switch
                {
                    double real => real,
                    BigInteger number => (double)number,
                    _ => throw Mismatch(),
                };
            case "null":
                return Plain(scalar.Value) is null ? null : throw Mismatch();
            case "timestamp":
                return Plain(scalar.Value) is string text ? text : throw Mismatch();
            default:
                return scalar.Value;
        }
    }

    private static object? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "y" or "Y" or "on" or "On" or "ON" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "n" or "N" or "off" or "Off" or "OFF" => false,
        ".nan" or ".NaN" or ".NAN" => double.NaN,
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => double.PositiveInfinity,
        "-.inf" or "-.Inf" or "-.INF" => double.NegativeInfinity,
        [(>= '0' and <= '9') or '+' or '-' or '.', ..] => Number(text) ?? text,
        _ => text,
    };

    private static object? Number(string text)
    {
        if (text[0] == '.')
        {
            return text.StartsWith("._", StringComparison.Ordinal) ? null : Real(WithoutUnderscores(text));
        }

        var plain = WithoutUnderscores(text);
        return (object?)Whole(plain) ?? Real(plain);
    }

    private static string WithoutUnderscores(string text) => text.Replace("_", "", StringComparison.Ordinal);

    /// <summary>A whole number of 64 bits, optionally signed; the unsigned range is only for positive ones.</summary>
    private static BigInteger? Whole(string text)
    {
        var isSigned = text[0] is '+' or '-';
        var digits = isSigned ? text[1..] : text;
        var (radix, start) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        if (digits.Length == start)
        {
            return null;
        }

        BigInteger value = 0;
        foreach (var character in digits.AsSpan(start))
        {
            var digit = char.IsAsciiHexDigit(character) ? System.Convert.ToInt32(character.ToString(), 16) : radix;
            if (digit >= radix || value > ulong.MaxValue)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        value = text[0] == '-' ? -value : value;
        return value >= long.MinValue && value <= (isSigned ? long.MaxValue : ulong.MaxValue) ? value : null;
    }

    /// <summary>A number that is too large for a double is text: <c>5e73291</c> is a commit.</summary>
    private static double? Real(string text)
    {
        if (!Decimal().IsMatch(text))
        {
            return null;
        }

        var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? value : null;
    }

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Decimal();
}
