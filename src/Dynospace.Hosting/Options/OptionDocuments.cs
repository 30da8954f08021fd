using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dynospace.Hosting.Options;

/// <summary>What readers and other tools see of a table: <c>--help</c>, a table of the docs, a JSON Schema.</summary>
public static partial class OptionDocuments
{
    private const int Indent = 6;
    private const int Width = 100;

    /// <summary>The text of <c>--help</c>.</summary>
    public static string Help<T>(string program, string summary, string environmentPrefix, OptionTable<T> table)
    {
        var text = new StringBuilder($"""
            {summary}

            Usage:
              {program} [--name value | --name=value ...]

            Every option can also stand in the environment, as {environmentPrefix}NAME.

            Options:

            """.ReplaceLineEndings("\n"));
        foreach (var option in table.Definitions)
        {
            text.Append("  --").Append(option.Name).Append(' ').Append(option.Format.Placeholder).Append('\n');
            foreach (var line in Wrapped(
                Plain(Sentence(option) + Default(option, table.Defaults, text => $" [default: {text}]"))))
            {
                text.Append(' ', Indent).Append(line).Append('\n');
            }
        }

        return text.Append("  --help\n      Show this text.\n  --version\n      Show the version.\n").ToString();
    }

    /// <summary>The table of a page of the docs, in Markdown.</summary>
    public static string Markdown<T>(OptionTable<T> table)
    {
        var text = new StringBuilder("| option | default | |\n|---|---|---|\n");
        foreach (var option in table.Definitions)
        {
            text.Append("| `").Append(option.Name).Append("` | ")
                .Append(
                    Default(option, table.Defaults, value => option.DefaultDescription is null ? $"`{value}`" : value))
                .Append(" | ").Append(option.Description.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
        }

        return text.ToString();
    }

    /// <summary>
    /// The JSON Schema of an object whose fields are the options, but for some that another program sets.
    /// </summary>
    public static JsonObject Schema<T>(OptionTable<T> table, IReadOnlyCollection<string> except)
    {
        var properties = new JsonObject();
        foreach (var option in table.Definitions.Where(option => !except.Contains(option.Name)))
        {
            var schema = option.Format.Schema();
            schema["description"] = Sentence(option);
            properties[option.Name] = OrNull(schema);
        }

        return new JsonObject
        {
            ["type"] = new JsonArray("object", "null"),
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
    }

    /// <summary>Null stands for the default, as everywhere in Helm's values.</summary>
    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["oneOf"] is JsonArray alternatives)
        {
            alternatives.Add(new JsonObject { ["type"] = "null" });
        }
        else if (schema["enum"] is JsonArray words)
        {
            words.Add(null);
        }
        else if (schema["type"] is JsonArray types)
        {
            types.Add("null");
        }
        else
        {
            schema["type"] = new JsonArray(schema["type"]!.DeepClone(), "null");
        }

        return schema;
    }

    private static string Sentence<T>(OptionDefinition<T> option)
    {
        var plain = Plain(option.Description);
        return $"{char.ToUpperInvariant(plain[0])}{plain[1..]}.";
    }

    private static string Default<T>(OptionDefinition<T> option, T defaults, Func<string, string> format) =>
        (option.DefaultDescription ?? option.TextOf(defaults)) is { Length: > 0 } text ? format(text) : "";

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)|`")]
    private static partial Regex Markup { get; }

    private static string Plain(string markdown) => Markup.Replace(markdown, "$1");

    private static IEnumerable<string> Wrapped(string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + word.Length + 1 > Width - Indent)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }
}
