using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.Policies;

/// <summary>
/// Reads <c>nft -j list table</c>. Rules are converted to the text with which they are written, for comparison with the
/// desired ones. An unknown rule becomes a text that equals no desired rule.
/// </summary>
public static class RulesetDump
{
    /// <summary>Parses a dump of the table.</summary>
    /// <param name="json">The dump; null if the table does not exist.</param>
    public static Ruleset Parse(string? json)
    {
        var rules = new Ruleset();
        if (json is null)
        {
            return rules;
        }

        using var document = JsonDocument.Parse(json);
        var chains = new Dictionary<string, List<Rule>>(StringComparer.Ordinal);
        foreach (var item in document.RootElement.GetProperty("nftables").EnumerateArray())
        {
            var (kind, value) = (item.EnumerateObject().First().Name, item.EnumerateObject().First().Value);
            switch (kind)
            {
                case "set" or "map":
                    rules.Sets[Name(value)] = ReadSet(value);
                    break;
                case "chain":
                    chains[Name(value)] = Name(value) == TableNames.BaseChain && !IsHooked(value)
                        ? [Rule.Other("is not called by the kernel")]
                        : [];
                    break;
                case "rule":
                    chains[value.GetProperty("chain").GetString()!].Add(Rule.Other(ReadRule(value)));
                    break;
            }
        }

        foreach (var (name, chain) in chains)
        {
            if (name == TableNames.BaseChain)
            {
                rules.BaseChain = [.. chain];
            }
            else
            {
                rules.Chains[name] = [.. chain];
            }
        }

        return rules;
    }

    /// <summary>The packet counts of all counters in a dump.</summary>
    public static IReadOnlyDictionary<string, long> Counters(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("nftables").EnumerateArray()
            .Where(item => item.TryGetProperty("counter", out _))
            .Select(item => item.GetProperty("counter"))
            .ToDictionary(Name, counter => counter.GetProperty("packets").GetInt64(), StringComparer.Ordinal);
    }

    private static bool IsHooked(JsonElement chain) =>
        Text(chain, "type") == "filter" && Text(chain, "hook") == "forward" && Text(chain, "policy") == "accept"
        && chain.TryGetProperty("prio", out var priority) && priority.GetInt32() == 0;

    private static RuleSetContent ReadSet(JsonElement set)
    {
        var type = set.GetProperty("type");
        var key = type.ValueKind == JsonValueKind.Array
            ? string.Join(" . ", type.EnumerateArray().Select(part => part.GetString()))
            : type.GetString()!;
        var flags = set.TryGetProperty("flags", out var given)
            ? given.EnumerateArray().Select(flag => flag.GetString()).ToArray()
            : [];
        var content = new RuleSetContent(new SetType(
            Array.Exists(flags, flag => flag != "interval") ? $"{key} {string.Join(' ', flags)}" : key,
            flags.Contains("interval"),
            set.TryGetProperty("map", out _)));
        if (set.TryGetProperty("elem", out var elements))
        {
            foreach (var element in elements.EnumerateArray())
            {
                var (text, chain) = content.Type.IsMap
                    ? (ReadKey(element[0], key), ReadTarget(element[1]))
                    : (ReadKey(element, key), null);
                content.Elements[text] = chain;
            }
        }

        return content;
    }

    /// <summary>nftables writes protocol names if /etc/protocols exists, which small images lack.</summary>
    private static string ReadKey(JsonElement element, string types) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("concat", out var parts)
            ? string.Join(" . ", parts.EnumerateArray().Zip(types.Split(" . "), (part, type) =>
                type == "inet_proto" && part.ValueKind == JsonValueKind.Number && part.TryGetByte(out var protocol)
                    ? Flow.NameOf(protocol)
                    : ReadElement(part)))
            : ReadElement(element);

    private static string ReadElement(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => Canonical(element.GetString()!),
        JsonValueKind.Number => element.GetRawText(),
        _ when element.TryGetProperty("concat", out var parts) =>
            string.Join(" . ", parts.EnumerateArray().Select(ReadElement)),
        _ when element.TryGetProperty("range", out var ends) =>
            Elements.Interval(ReadElement(ends[0]), ReadElement(ends[1])),
        _ when element.TryGetProperty("prefix", out var prefix) => ReadPrefix(prefix),
        _ when element.TryGetProperty("elem", out var inner) && inner.TryGetProperty("val", out var value) =>
            ReadElement(value),
        _ => element.GetRawText(),
    };

    private static string ReadPrefix(JsonElement prefix)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{prefix.GetProperty("addr").GetString()}/{prefix.GetProperty("len").GetInt32()}");
        return AddressRange.TryParse(text, out var range, out _) ? Elements.Interval(range.First, range.Last) : text;
    }

    /// <summary>nftables and .NET format some IPv6 addresses differently.</summary>
    private static string Canonical(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address)
            ? address.ToString()
            : text;

    private static string? ReadTarget(JsonElement verdict) =>
        verdict.TryGetProperty("jump", out var jump) ? Text(jump, "target") : verdict.GetRawText();

    private static string ReadRule(JsonElement rule)
    {
        var text = string.Join(' ', rule.GetProperty("expr").EnumerateArray().Select(ReadStatement));
        return Text(rule, "comment") is { } comment ? $"{text} comment \"{comment}\"" : text;
    }

    private static string ReadStatement(JsonElement statement)
    {
        var (kind, value) = (statement.EnumerateObject().First().Name, statement.EnumerateObject().First().Value);
        return kind switch
        {
            "return" or "drop" or "accept" => kind,
            "counter" when value.ValueKind == JsonValueKind.String => $"counter name \"{value.GetString()}\"",
            "vmap" => $"{ReadExpression(value.GetProperty("key"))} vmap {value.GetProperty("data").GetString()}",
            "match" => ReadMatch(value),
            _ => statement.GetRawText(),
        };
    }

    private static string ReadMatch(JsonElement match)
    {
        var negation = Text(match, "op") switch
        {
            "==" or "in" => "",
            var other => $"{other} ",
        };
        var (left, right) = (match.GetProperty("left"), match.GetProperty("right"));
        return left.ValueKind == JsonValueKind.Object && left.TryGetProperty("&", out var masked)
            ? $"{ReadExpression(masked[0])} {negation}{ReadExpression(right)} / {ReadFlags(masked)}"
            : $"{ReadExpression(left)} {negation}{ReadExpression(right)}";
    }

    /// <summary>Depending on the version, the mask is one array or a sequence of operands.</summary>
    private static string ReadFlags(JsonElement masked) => string.Join(
        ',', masked.EnumerateArray().Skip(1).Select(ReadExpression));

    private static string ReadExpression(JsonElement expression) => expression.ValueKind switch
    {
        JsonValueKind.String => expression.GetString()!,
        JsonValueKind.Array => string.Join(',', expression.EnumerateArray().Select(ReadExpression)),
        JsonValueKind.Object when expression.TryGetProperty("payload", out var payload) =>
            $"{Text(payload, "protocol")} {Text(payload, "field")}",
        JsonValueKind.Object when expression.TryGetProperty("meta", out var meta) => $"meta {Text(meta, "key")}",
        JsonValueKind.Object when expression.TryGetProperty("ct", out var ct) => $"ct {Text(ct, "key")}",
        JsonValueKind.Object when expression.TryGetProperty("concat", out var parts) =>
            string.Join(" . ", parts.EnumerateArray().Select(ReadExpression)),
        JsonValueKind.Object when expression.TryGetProperty("set", out var set) => ReadExpression(set),
        JsonValueKind.Object when expression.TryGetProperty("|", out var flags) => ReadExpression(flags),
        _ => expression.GetRawText(),
    };

    private static string Name(JsonElement element) => element.GetProperty("name").GetString()!;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
