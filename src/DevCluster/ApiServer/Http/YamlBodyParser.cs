using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DevCluster.ApiServer.Http;

/// <summary>Reads the first YAML document of a body as JSON, resolving scalars as the API's YAML library does (YAML 1.1).</summary>
internal static partial class YamlBodyParser
{
    /// <exception cref="YamlException">This is no YAML, or a key occurs twice.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Encoding.UTF8.GetString(utf8)));
        return stream.Documents.Count == 0 ? null : Convert(stream.Documents[0].RootNode);
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(Key(child.Key), Convert(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => null,
    };

    private static string Key(YamlNode node) =>
        node is YamlScalarNode scalar ? scalar.Value ?? "" : throw new YamlException("a map key must be a scalar");

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any) || scalar.Tag == "tag:yaml.org,2002:str")
        {
            return text;
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "y" or "Y" or "on" or "On" or "ON" => true,
            "false" or "False" or "FALSE" or "no" or "No" or "NO" or "n" or "N" or "off" or "Off" or "OFF" => false,
            _ => Number(text) ?? JsonValue.Create(text),
        };
    }

    private static JsonNode? Number(string text)
    {
        if (Octal().IsMatch(text))
        {
            var digits = text.TrimStart('0', 'o');
            return digits.Length == 0 ? 0 : System.Convert.ToInt64(digits, 8);
        }

        if (Hexadecimal().IsMatch(text))
        {
            return long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        if (!Decimal().IsMatch(text))
        {
            return null;
        }

        return long.TryParse(text.TrimStart('+'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? JsonNumbers.Create(Encoding.UTF8.GetBytes(whole.ToString(CultureInfo.InvariantCulture)))
            : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\A0o?[0-7]+\z")]
    private static partial Regex Octal();

    [GeneratedRegex(@"\A0x[0-9a-fA-F]+\z")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Decimal();
}
