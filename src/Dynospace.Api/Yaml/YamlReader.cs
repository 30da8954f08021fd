using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Dynospace.Api.Yaml;

/// <summary>
/// Reads YAML as kubectl does: several documents, anchors, and bare words typed by YAML 1.1's rules (<c>yes</c> is
/// true, <c>0644</c> is octal).
/// </summary>
public static partial class YamlReader
{
    /// <summary>The documents of a text; empty ones are left out.</summary>
    /// <exception cref="FormatException">The text is no YAML; the message names line and column.</exception>
    public static IReadOnlyList<JsonNode> Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            var stream = new YamlStream();
            stream.Load(parser);
            return [.. stream.Documents.Select(document => Convert(document.RootNode)).OfType<JsonNode>()];
        }
        catch (YamlException exception)
        {
            throw new FormatException($"line {exception.Start.Line}, column {exception.Start.Column}: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // The parser's answer to some brackets and braces that are never closed.
            var end = parser.Current?.End ?? Mark.Empty;
            throw new FormatException($"line {end.Line}, column {end.Column}: what follows is no YAML; is a bracket left open?", exception);
        }
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => ConvertMapping(mapping),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => ConvertPlain(scalar.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value ?? ""),
        _ => throw new YamlException(node.Start, node.End, $"{node.NodeType} is not supported"),
    };

    private static JsonObject ConvertMapping(YamlMappingNode mapping)
    {
        var converted = new JsonObject();
        foreach (var merged in mapping.Children.Where(pair => IsMerge(pair.Key)).SelectMany(pair => Sources(pair.Value)))
        {
            foreach (var (key, value) in ConvertMapping(merged).Where(field => !converted.ContainsKey(field.Key)).ToList())
            {
                converted[key] = value?.DeepClone();
            }
        }

        foreach (var (key, value) in mapping.Children.Where(pair => !IsMerge(pair.Key)))
        {
            converted[KeyOf(key)] = Convert(value);
        }

        return converted;
    }

    private static bool IsMerge(YamlNode key) => key is YamlScalarNode { Value: "<<", Style: ScalarStyle.Plain };

    /// <summary>
    /// What <c>&lt;&lt;</c> names: a mapping or a list of them, of which the first to have a field wins.
    /// </summary>
    private static IEnumerable<YamlMappingNode> Sources(YamlNode value) => value switch
    {
        YamlMappingNode mapping => [mapping],
        YamlSequenceNode sequence => sequence.Children.OfType<YamlMappingNode>(),
        _ => throw new YamlException(value.Start, value.End, "<< merges mappings only"),
    };

    private static string KeyOf(YamlNode key) =>
        key is YamlScalarNode scalar ? scalar.Value ?? "" : throw new YamlException(key.Start, key.End, "a key must be a plain word");

    private static JsonValue? ConvertPlain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        _ when IsTrue().IsMatch(text) => JsonValue.Create(true),
        _ when IsFalse().IsMatch(text) => JsonValue.Create(false),
        _ when Integer().IsMatch(text) => ConvertInteger(text),
        _ when Decimal().IsMatch(text) => JsonValue.Create(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(text),
    };

    private static JsonValue ConvertInteger(string text)
    {
        var isNegative = text.StartsWith('-');
        var digits = text.TrimStart('-', '+').Replace("_", "", StringComparison.Ordinal);
        var (radix, start) = digits switch
        {
            _ when digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) => (16, 2),
            _ when digits.StartsWith("0o", StringComparison.OrdinalIgnoreCase) => (8, 2),
            _ when digits.Length > 1 && digits[0] == '0' => (8, 1),
            _ => (10, 0),
        };
        try
        {
            var value = System.Convert.ToInt64(digits[start..], radix);
            return JsonValue.Create(isNegative ? -value : value);
        }
        catch (OverflowException)
        {
            return radix == 10 ? JsonValue.Create(double.Parse(digits, CultureInfo.InvariantCulture) * (isNegative ? -1 : 1)) : JsonValue.Create(text);
        }
    }

    [GeneratedRegex("^(true|yes|on)$|^(True|Yes|On)$|^(TRUE|YES|ON)$")]
    private static partial Regex IsTrue();

    [GeneratedRegex("^(false|no|off)$|^(False|No|Off)$|^(FALSE|NO|OFF)$")]
    private static partial Regex IsFalse();

    [GeneratedRegex("^[-+]?(0|[1-9][0-9_]*|0o?[0-7]+|0[xX][0-9a-fA-F]+)$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Decimal();
}
