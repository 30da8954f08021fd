// Options: one table of options, out of which come parsing, errors, help, documentation and the chart's schema.

using Microsoft.Extensions.Configuration;

namespace Dynospace.Hosting.Options;

// Options of the programs. A program declares each option once, in a table; reading, errors, --help, the tables of the
// docs and the chart's schema are all made from it.

/// <summary>
/// An option that is unknown, missing its value or wrong: one line that names option, value and remedy.
/// </summary>
public sealed class OptionException(string message) : Exception(message);

/// <summary>One row of a table: an option of a program whose options are a <typeparamref name="T"/>.</summary>
public abstract class OptionDefinition<T>
{
    /// <summary>The name after the two hyphens, in camel case.</summary>
    public required string Name { get; init; }

    /// <summary>What the option decides, in one sentence of Markdown without a full stop.</summary>
    public required string Description { get; init; }

    /// <summary>The default for readers where it is not a fixed value, such as <c>~/.kube/config</c>.</summary>
    public string? DefaultDescription { get; init; }

    /// <summary>How values look.</summary>
    public abstract OptionFormat Format { get; }

    /// <summary>The options with the value that the text stands for.</summary>
    /// <exception cref="OptionException">The text is not a value of this option.</exception>
    public abstract T Apply(T options, string text);

    /// <summary>The value as a user would write it; null for none.</summary>
    public abstract string? TextOf(T options);
}

/// <summary>Every option of a program, in the order of its documentation.</summary>
public sealed class OptionTable<T>(T defaults, IReadOnlyList<OptionDefinition<T>> definitions)
{
    /// <summary>The options of a process that is started without any.</summary>
    public T Defaults => defaults;

    /// <summary>The rows.</summary>
    public IReadOnlyList<OptionDefinition<T>> Definitions => definitions;

    /// <summary>The options that a configuration holds; where it is silent, the defaults.</summary>
    /// <exception cref="OptionException">An option is unknown or its value is wrong.</exception>
    public T Read(IConfiguration configuration)
    {
        foreach (var given in configuration.GetChildren())
        {
            if (Find(given.Key) is null)
            {
                throw Unknown(given.Key);
            }
        }

        return definitions.Aggregate(
            defaults,
            (options, definition) => configuration[definition.Name] is { } text
                ? definition.Apply(options, text)
                : options);
    }

    /// <summary>Refuses what a configuration passes over in silence: a stray word, an option without a value.</summary>
    /// <exception cref="OptionException">An argument is neither <c>--name value</c> nor
    /// <c>--name=value</c>.</exception>
    public void RefuseMalformed(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal) || argument.Length == 2 || argument[2] == '=')
            {
                throw new OptionException($"{argument}: not an option; write options as --name value, and see --help.");
            }

            if (argument.Contains('=', StringComparison.Ordinal))
            {
                continue;
            }

            if (Find(argument[2..]) is null)
            {
                throw Unknown(argument[2..]);
            }

            if (++i == arguments.Count || arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                throw new OptionException($"{argument[2..]}: no value is given; write {argument} value.");
            }
        }
    }

    private OptionDefinition<T>? Find(string name) =>
        definitions.FirstOrDefault(definition => definition.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private OptionException Unknown(string name)
    {
        var near = Suggestions.For(name, definitions.Select(definition => definition.Name));
        var remedy = near.Count > 0 ? $"did you mean {string.Join(" or ", near)}?" : "see --help for those that exist.";
        return new OptionException($"{name}: no such option; {remedy}");
    }
}

/// <summary>Declares rows.</summary>
public static class OptionTable
{
    /// <summary>A row.</summary>
    /// <param name="name">The name after the two hyphens, in camel case.</param>
    /// <param name="format">Reads and writes values.</param>
    /// <param name="get">The value in the options.</param>
    /// <param name="set">The options with another value.</param>
    /// <param name="description">What the option decides, in one sentence of Markdown without a full stop.</param>
    /// <param name="defaultDescription">The default for readers where it is not a fixed value.</param>
    public static OptionDefinition<T> Option<T, TValue>(
        string name, OptionFormat<TValue> format, Func<T, TValue> get, Func<T, TValue, T> set, string description,
        string? defaultDescription = null) =>
        new TypedOption<T, TValue>(format, get, set)
        {
            Name = name,
            Description = description,
            DefaultDescription = defaultDescription,
        };

    /// <summary>Rows of a part of the options.</summary>
    public static IEnumerable<OptionDefinition<T>> Part<T, TPart>(
        Func<T, TPart> get, Func<T, TPart, T> set, params IEnumerable<OptionDefinition<TPart>> definitions) =>
        definitions.Select(definition => new NestedOption<T, TPart>(definition, get, set)
        {
            Name = definition.Name,
            Description = definition.Description,
            DefaultDescription = definition.DefaultDescription,
        });
}

/// <summary>A row whose values have a type.</summary>
internal sealed class TypedOption<T, TValue>(OptionFormat<TValue> format, Func<T, TValue> get, Func<T, TValue, T> set)
    : OptionDefinition<T>
{
    public override OptionFormat Format => format;

    public override T Apply(T options, string text) =>
        format.TryParse(text, out var value)
            ? set(options, value)
            : throw new OptionException($"{Name}: {format.Refusal(text)}");

    public override string? TextOf(T options) => format.TextOf(get(options));
}

/// <summary>A row of a part of the options.</summary>
internal sealed class NestedOption<TOuter, T>(
    OptionDefinition<T> inner, Func<TOuter, T> get, Func<TOuter, T, TOuter> set)
    : OptionDefinition<TOuter>
{
    public override OptionFormat Format => inner.Format;

    public override TOuter Apply(TOuter options, string text) => set(options, inner.Apply(get(options), text));

    public override string? TextOf(TOuter options) => inner.TextOf(get(options));
}
