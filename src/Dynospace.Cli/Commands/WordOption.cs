using System.CommandLine;

namespace Dynospace.Cli.Commands;

/// <summary>An option whose values are a few words, refused without the names of types.</summary>
public static class WordOption
{
    public static Option<T> Create<T>(
        string name, string[] aliases, string description, string placeholder, T fallback, params T[] values)
        where T : struct, Enum
    {
        var words = (values.Length > 0 ? values : Enum.GetValues<T>()).ToDictionary(
            value => value.ToString().ToLowerInvariant(), value => value, StringComparer.OrdinalIgnoreCase);
        var option = new Option<T>(name, aliases)
        {
            Description = $"{description}: {List(words.Keys, "or")}.",
            HelpName = placeholder,
            DefaultValueFactory = _ => fallback,
            CustomParser = result =>
            {
                if (words.TryGetValue(result.Tokens[0].Value, out var value))
                {
                    return value;
                }

                result.AddError($"{name} '{result.Tokens[0].Value}' is not known: use {List(words.Keys, "or")}");
                return fallback;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. words.Keys]);
        return option;
    }

    private static string List(IReadOnlyCollection<string> words, string last) =>
        $"{string.Join(", ", words.SkipLast(1))} {last} {words.Last()}";
}
