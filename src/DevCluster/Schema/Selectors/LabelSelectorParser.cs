using DevCluster.Schema.Errors;
using DevCluster.Schema.Names;

namespace DevCluster.Schema.Selectors;

/// <summary>Parses label selectors, with the API's own error messages.</summary>
internal sealed class LabelSelectorParser
{
    private const string Operators = "in, notin, =, ==, !=, gt, lt";

    private readonly List<string> _tokens;
    private int _position;

    public LabelSelectorParser(string text) => _tokens = Tokenize(text);

    private string Current => _position < _tokens.Count ? _tokens[_position] : "";

    public List<LabelRequirement> Parse()
    {
        var requirements = new List<LabelRequirement>();
        while (Current.Length > 0)
        {
            requirements.Add(ParseRequirement());
            if (Current.Length == 0)
            {
                break;
            }

            if (Take() != ",")
            {
                throw Failure($"found '{_tokens[_position - 1]}', expected: ',' or 'end of string'");
            }

            if (Current.Length == 0)
            {
                throw Failure("found '', expected: identifier after ','");
            }
        }

        return requirements;
    }

    private LabelRequirement ParseRequirement()
    {
        if (Current == "!")
        {
            Take();
            return new LabelRequirement(ParseKey(), "DoesNotExist", []);
        }

        var key = ParseKey();
        switch (Current)
        {
            case "" or ",":
                return new LabelRequirement(key, "Exists", []);
            case "=" or "==":
                Take();
                return LabelRequirement.Equal(key, ParseValue(key));
            case "!=":
                Take();
                return new LabelRequirement(key, "NotIn", [ParseValue(key)]);
            case "in" or "notin":
                return new LabelRequirement(key, Take() == "in" ? "In" : "NotIn", ParseSet(key));
            case ">" or "<":
                var comparison = Take() == ">" ? "Gt" : "Lt";
                var bound = ParseValue(key);
                return long.TryParse(bound, out _)
                    ? new LabelRequirement(key, comparison, [bound])
                    : throw Failure(
                        $"values[0][{key}]: Invalid value: \"{bound}\": for 'Gt', 'Lt' operators, the value must be "
                        + $"an integer");
            default:
                throw Failure($"found '{Current}', expected: {Operators}");
        }
    }

    private string ParseKey()
    {
        var key = Current;
        if (key.Length == 0 || !IsWord(key[0]))
        {
            throw Failure($"found '{key}', expected: !, identifier, or 'end of string'");
        }

        Take();
        return NameFormats.QualifiedName(key) is [var problem, ..]
            ? throw Failure($"key: Invalid value: \"{key}\": {problem}")
            : key;
    }

    private string ParseValue(string key)
    {
        if (Current is "" or ",")
        {
            return "";
        }

        var value = Take();
        return NameFormats.LabelValue(value) is [var problem, ..]
            ? throw Failure($"values[0][{key}]: Invalid value: \"{value}\": {problem}")
            : value;
    }

    private List<string> ParseSet(string key)
    {
        if (Take() != "(")
        {
            throw Failure($"found '{_tokens.ElementAtOrDefault(_position - 1)}' expected: '('");
        }

        var values = new List<string>();
        while (true)
        {
            values.Add(Current is "," or ")" ? "" : ParseValue(key));
            switch (Take())
            {
                case ")":
                    return values;
                case ",":
                    continue;
                default:
                    throw Failure($"found '{_tokens.ElementAtOrDefault(_position - 1)}', expected: ',' or ')'");
            }
        }
    }

    private string Take() => _position < _tokens.Count ? _tokens[_position++] : "";

    private static List<string> Tokenize(string text)
    {
        var tokens = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            var length = TokenLength(text, i);
            if (!char.IsWhiteSpace(text[i]))
            {
                tokens.Add(text.Substring(i, length));
            }

            i += length;
        }

        return tokens;
    }

    private static int TokenLength(string text, int start)
    {
        if (!IsWord(text[start]))
        {
            return string.CompareOrdinal(text, start, "==", 0, 2) == 0
                || string.CompareOrdinal(text, start, "!=", 0, 2) == 0 ? 2 : 1;
        }

        var end = start;
        while (end < text.Length && IsWord(text[end]))
        {
            end++;
        }

        return end - start;
    }

    private static bool IsWord(char character) =>
        !char.IsWhiteSpace(character) && !"=!(),<>".Contains(character, StringComparison.Ordinal);

    private static ApiStatusException Failure(string why) =>
        ApiErrors.BadRequest($"unable to parse requirement: {why}");
}
