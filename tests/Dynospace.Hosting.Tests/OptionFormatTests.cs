using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dynospace.Hosting.Options;
using static Dynospace.Hosting.Options.OptionFormats;

namespace Dynospace.Hosting.Tests;

/// <summary>What a program refuses, the chart's schema refuses too, and the other way round.</summary>
public sealed class OptionFormatTests
{
    private static readonly Dictionary<string, (Func<string, bool> Reads, OptionFormat Format)> Formats = new()
    {
        ["port"] = Of(Port),
        ["seconds"] = Of(Seconds(1)),
        ["switch"] = Of(Switch),
        ["text"] = Of(Text()),
        ["host"] = Of(HostName(20)),
        ["name"] = Of(NameOrNone("name", "give one")),
        ["object"] = Of(NamespacedName("Secret")),
        ["addresses"] = Of(Addresses),
        ["ranges"] = Of(Ranges),
        ["ports"] = Of(Ports),
        ["pairs"] = Of(Pairs("a=b")),
        ["user"] = Of(UserOrImage),
        ["interval"] = Of(IntervalOrNever(TimeSpan.FromMinutes(1), TimeSpan.FromDays(7))),
        ["proxies"] = Of(Proxies),
        ["listener"] = Of(Name("a listener", "http")),
        ["labels"] = Of(Pairs("a=b", 1)),
        ["word"] = Of(OneOf("Always", "Never")),
    };

    [Theory]
    [InlineData("interval", "200h", false)]
    [InlineData("interval", "99999999999h", false)]
    [InlineData("interval", "59s", false)]
    [InlineData("interval", "60s", true)]
    [InlineData("interval", "168h", true)]
    [InlineData("interval", "169h", false)]
    [InlineData("ports", "99999", false)]
    [InlineData("ports", "53,65536", false)]
    [InlineData("proxies", "10.9.0.0/16,2001:db8::/32", true)]
    [InlineData("proxies", "0.0.0.0/0", false)]
    [InlineData("proxies", "10.9.0.0/16,::/0", false)]
    [InlineData("ranges", "0.0.0.0/0,::/0", true)]
    [InlineData("ranges", ":::/0", false)]
    [InlineData("ranges", "1::2::3/64", false)]
    [InlineData("addresses", "fd00:::10", false)]
    [InlineData("addresses", "10.0.0.1, fd00::10", true)]
    [InlineData("addresses", "10.0.0.1,10.0.0.0/8", false)]
    [InlineData("listener", "a b", false)]
    [InlineData("listener", "https", true)]
    [InlineData("labels", "", false)]
    [InlineData("labels", " =b", false)]
    [InlineData("labels", "a=b, c=d", true)]
    [InlineData("port", "1", true)]
    [InlineData("port", "65535", true)]
    [InlineData("port", "0", false)]
    [InlineData("port", "65536", false)]
    [InlineData("port", "-1", false)]
    [InlineData("port", "web", false)]
    [InlineData("seconds", "3600", true)]
    [InlineData("seconds", "0", false)]
    [InlineData("seconds", "3601", false)]
    [InlineData("switch", "true", true)]
    [InlineData("switch", "yes", false)]
    [InlineData("text", "a", true)]
    [InlineData("text", "", false)]
    [InlineData("text", "  ", false)]
    [InlineData("host", "apps.example.com", true)]
    [InlineData("host", "Apps.example.com", false)]
    [InlineData("host", "", false)]
    [InlineData("host", "-a.example", false)]
    [InlineData("host", ".example", false)]
    [InlineData("host", "a23456789012345678901", false)]
    [InlineData("name", "acme", true)]
    [InlineData("name", "", true)]
    [InlineData("name", "Acme_1", false)]
    [InlineData("object", "dynospace-system/wildcard", true)]
    [InlineData("object", "dynospace-system/wildcard.tls", true)]
    [InlineData("object", "wildcard", false)]
    [InlineData("object", "a/b/c", false)]
    [InlineData("object", "/b", false)]
    [InlineData("addresses", "169.254.20.10", true)]
    [InlineData("addresses", "fd00::10", true)]
    [InlineData("addresses", "", true)]
    [InlineData("addresses", "dns.local", false)]
    [InlineData("addresses", "169.254.20.256", false)]
    [InlineData("ranges", "", true)]
    [InlineData("ranges", "10.0.0.0/8,2001:db8::/32", true)]
    [InlineData("ranges", "10.0.0.0/8, 2001:db8::/32", true)]
    [InlineData("ranges", "10.0.0.0", false)]
    [InlineData("ranges", "10.0.0.0/33", false)]
    [InlineData("ranges", "2001:db8::/129", false)]
    [InlineData("ranges", "10.0.0.0/8,everybody", false)]
    [InlineData("ports", "53", true)]
    [InlineData("ports", "53,5353", true)]
    [InlineData("ports", "", false)]
    [InlineData("ports", "dns", false)]
    [InlineData("pairs", "oregon=us-west-2,virginia=us-east-1", true)]
    [InlineData("pairs", "", true)]
    [InlineData("pairs", "a=", true)]
    [InlineData("pairs", "oregon", false)]
    [InlineData("pairs", "=b", false)]
    [InlineData("user", "1", true)]
    [InlineData("user", "1000650000", true)]
    [InlineData("user", "image", true)]
    [InlineData("user", "0", false)]
    [InlineData("user", "2147483648", false)]
    [InlineData("user", "root", false)]
    [InlineData("interval", "90s", true)]
    [InlineData("interval", "never", true)]
    [InlineData("interval", "15", false)]
    [InlineData("interval", "m", false)]
    [InlineData("interval", "-5m", false)]
    [InlineData("word", "Always", true)]
    [InlineData("word", "always", false)]
    public void Programs_and_the_charts_schema_take_the_same_values(string format, string text, bool isValue)
    {
        Assert.Equal(isValue, Formats[format].Reads(text));
        Assert.Equal(isValue, Matches(Formats[format].Format.Schema(), text));
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    public void A_time_is_read_and_written(string text, int seconds)
    {
        Assert.True(IntervalOrNever(TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)).TryParse(text, out var time));
        Assert.Equal(TimeSpan.FromSeconds(seconds), time);
        Assert.Equal(text, IntervalOrNever(TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)).TextOf(time));
    }

    private static (Func<string, bool> Reads, OptionFormat Format) Of<T>(OptionFormat<T> format) =>
        (text => format.TryParse(text, out _), format);

    /// <summary>The keywords of JSON Schema that formats use, on a value as YAML reads the text.</summary>
    private static bool Matches(JsonObject schema, string text)
    {
        JsonNode value =
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? JsonValue.Create(number)
                : text is "true" or "false" ? text == "true"
                : text;
        if (schema["oneOf"] is JsonArray alternatives)
        {
            return alternatives.Count(alternative => Matches(alternative!.AsObject(), text)) == 1;
        }

        if (schema["enum"] is JsonArray words)
        {
            return words.Any(word => JsonNode.DeepEquals(word, value));
        }

        string[] types = schema["type"] is JsonArray several
            ? [.. several.Select(type => (string)type!)]
            : [(string)schema["type"]!];
        var type = number != 0 || text == "0"
            ? "integer"
            : value.GetValueKind() == System.Text.Json.JsonValueKind.String ? "string" : "boolean";
        return types.Contains(type) && type switch
        {
            "integer" => number >= (int)schema["minimum"]! && number <= (int)schema["maximum"]!,
            "string" when schema["not"] is JsonObject not && Matches(not, text) => false,
            "string" when schema["pattern"] is { } pattern =>
                Regex.IsMatch(text, (string)pattern!, RegexOptions.ECMAScript)
                && !(text.Length > (int?)schema["maxLength"]),
            _ => true,
        };
    }
}
