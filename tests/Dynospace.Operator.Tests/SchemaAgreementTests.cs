using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dynospace.Hosting.Options;
using Xunit;

namespace Dynospace.Operator.Tests;

/// <summary>
/// What the operator refuses at its start, the chart's schema refuses before anything is installed. Left to the
/// operator alone: what several options say together, and bits behind the prefix of a range.
/// </summary>
public sealed class SchemaAgreementTests : IDisposable
{
    /// <summary>These make sense only with others.</summary>
    private static readonly string[] Joint = ["routerProvider", "routerImplementation"];

    private static readonly string[] Texts =
    [
        "", " ", "\t", "a", "A", "a b", "a.b", "a/b", "a/b/c", "-a", "a-", "a_b", ".", "ns/a.b", "ns.x/a",
        new('a', 63),
        new('a', 64),
        new('a', 159),
        $"{new string('a', 63)}.{new string('b', 63)}",
        "ns/" + new string('a', 64),
        "0", "1", "-1", "+1", "01", "53", "65535", "65536", "99999", "53,5353", "53,99999", "53,", ",", "2147483648",
        "a=b", "a=b,c=d", "a=b, c=d", " =b", "=b", "a=", "a,b", "a=b,=d", "a=b, =d",
        "0s",
        "1s",
        "59s",
        "60s",
        "90s",
        "1m",
        "0m",
        "1h",
        "168h",
        "169h",
        "10080m",
        "10081m",
        "604800s",
        "604801s",
        "99999999h",
        "999999999999h", "never", "1d", "1.5h", "1 h",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/00",
        "10.0.0.0/33",
        "256.0.0.0/8",
        "010.0.0.0/8",
        "10.0.0/8",
        "10.0.0.0",
        "10.0.0.0/8,192.0.2.0/24",
        "10.0.0.0/8, 0.0.0.0/0",
        "2001:db8::/32",
        "2001:db8::/129",
        ":::/64",
        "1::2::3/128",
        "g::/16",
        "1:2:3:4:5:6:7:8/128",
        "1:2:3:4:5:6:7:8:9/128",
        "::ffff:c000:200/120",
        "0:0:0:0:0:ffff:c000:200/120",
        "fe80::1%eth0/128",
        "169.254.20.10",
        "10.1",
        "0x7f.0.0.1",
        "fd00::10",
        "::ffff:169.254.20.10",
        "::ffff:a9fe:140a",
        "fe80::1%eth0",
        "::",
        "dns",
        "true", "false", "True", "yes", "image", "root", "Always", "always", "Builtin", "builtin", "NodePort", "None",
    ];

    private readonly OptionReader _reader = new();

    public void Dispose() => _reader.Dispose();

    [Fact]
    public void What_the_schema_admits_the_operator_takes()
    {
        var properties =
            OptionDocuments.Schema(PlatformOptionTable.Table, ["systemNamespace"])["properties"]!.AsObject();
        var disagreements =
            from property in properties
            where !Joint.Contains(property.Key)
            from text in Texts
            where ValuesOf(text).Any(value => Admits(property.Value!.AsObject(), value))
            let refusal = RefusalOf(property.Key, text)
            where refusal is not null
            select $"{property.Key} '{text}': {refusal}";

        Assert.Empty(disagreements);
    }

    /// <summary>Neither is so strict that a sensible value is lost.</summary>
    [Theory]
    [InlineData("proxyProtocolFrom", "10.9.0.0/16, 2001:db8::/32")]
    [InlineData("clusterRanges", "0.0.0.0/1,::/3,fd00:1:2:3:4:5:6:7/128")]
    [InlineData("enforcementInterval", "90s")]
    [InlineData("enforcementInterval", "007h")]
    [InlineData("stallAfter", "1s")]
    [InlineData("dnsPorts", "53,5353")]
    [InlineData("dnsPodLabels", "dns.operator.openshift.io/daemonset-dns=default")]
    [InlineData("routerServiceAnnotations", "service.beta.kubernetes.io/aws-load-balancer-type=nlb, a=")]
    [InlineData("nodeLocalDnsAddress", "")]
    [InlineData("nodeLocalDnsAddress", "fd00:0:0::10")]
    [InlineData("nodeLocalDnsAddress", "169.254.20.10,fd00::10")]
    public void Sensible_values_are_taken_by_both(string option, string value)
    {
        var schema = OptionDocuments.Schema(PlatformOptionTable.Table, [])["properties"]![option]!.AsObject();

        Assert.True(Admits(schema, JsonValue.Create(value)));
        Assert.Null(RefusalOf(option, value));
    }

    private static IEnumerable<JsonNode> ValuesOf(string text)
    {
        yield return JsonValue.Create(text);
        if (long.TryParse(text, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == text)
        {
            yield return JsonValue.Create(number);
        }

        if (text is "true" or "false")
        {
            yield return JsonValue.Create(text == "true");
        }
    }

    private string? RefusalOf(string option, string text)
    {
        try
        {
            _reader.Read((option, text));
            return null;
        }
        catch (OptionException e)
        {
            return e.Message;
        }
    }

    /// <summary>The few words of JSON Schema that the chart's schema has.</summary>
    private static bool Admits(JsonObject schema, JsonNode value) => schema.All(word => (word.Key, value) switch
    {
        ("type", _) => TypesOf(word.Value!).Contains(TypeOf(value)),
        ("enum", _) => word.Value!.AsArray().Any(known => JsonNode.DeepEquals(known, value)),
        ("oneOf", _) => word.Value!.AsArray().Count(one => Admits(one!.AsObject(), value)) == 1,
        ("not", _) => !Admits(word.Value!.AsObject(), value),
        ("pattern", JsonValue text) when TypeOf(text) == "string" =>
            Regex.IsMatch(
                text.GetValue<string>(), word.Value!.GetValue<string>().Replace("$", @"\z", StringComparison.Ordinal)),
        ("maxLength", JsonValue text) when TypeOf(text) == "string" =>
            text.GetValue<string>().Length <= word.Value!.GetValue<int>(),
        ("minimum", JsonValue number) when TypeOf(number) == "integer" =>
            number.GetValue<long>() >= word.Value!.GetValue<int>(),
        ("maximum", JsonValue number) when TypeOf(number) == "integer" =>
            number.GetValue<long>() <= word.Value!.GetValue<int>(),
        _ => true,
    });

    private static IEnumerable<string> TypesOf(JsonNode types) =>
        types is JsonArray several ? several.Select(type => type!.GetValue<string>()) : [types.GetValue<string>()];

    private static string TypeOf(JsonNode value) => value.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.String => "string",
        System.Text.Json.JsonValueKind.Number => "integer",
        _ => "boolean",
    };
}
