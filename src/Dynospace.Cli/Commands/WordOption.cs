using System.CommandLine;

namespace Dynospace.Cli.Commands;

/// <summary>An option whose values are a few words, refused without the names of types.</summary>
public static class WordOption
{
    public static Option<T> Create<T>(
        string name, string[] aliases, string description, string placeholder, T fallback, params T[] values)
        where T : struct, Enum
    {
        values = values.Length > 0 ? values : Enum.GetValues<T>();
        // Arrays, since a dictionary of each enum would be compiled when the program starts.
        var words = Array.ConvertAll(values, value => value.ToString().ToLowerInvariant());
        var option = new Option<T>(name, aliases)
        {
            Description = $"{description}: {List(words, "or")}.",
            HelpName = placeholder,
            DefaultValueFactory = _ => fallback,
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                var index = Array.FindIndex(words, known => known.Equals(word, StringComparison.OrdinalIgnoreCase));
                if (index >= 0)
                {
                    return values[index];
                }

                result.AddError($"{name} '{word}' is not known: use {List(words, "or")}");
                return fallback;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        return option;
    }

    private static string List(string[] words, string last) =>
        $"{string.Join(", ", words[..^1])} {last} {words[^1]}";
}
