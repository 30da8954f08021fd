using System.Text;
using System.Text.RegularExpressions;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Cel;

/// <summary>The string library. Positions are in code points.</summary>
internal static class StringFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Method(
            "string",
            "startsWith",
            "string",
            "bool",
            arguments => Text(arguments, 0).StartsWith(Text(arguments, 1), StringComparison.Ordinal));
        table.Method(
            "string",
            "endsWith",
            "string",
            "bool",
            arguments => Text(arguments, 0).EndsWith(Text(arguments, 1), StringComparison.Ordinal));
        table.Method(
            "string",
            "contains",
            "string",
            "bool",
            arguments => Text(arguments, 0).Contains(Text(arguments, 1), StringComparison.Ordinal));
        table.Method("string", "charAt", "int", "string", arguments => CharAt(Runes(arguments[0]), (long)arguments[1]));
        table.Method("string", "indexOf", "string", "int", arguments => IndexOf(arguments, 0));
        table.Method("string", "indexOf", "string, int", "int", arguments => IndexOf(arguments, (long)arguments[2]));
        table.Method("string", "lastIndexOf", "string", "int", arguments => LastIndexOf(arguments, null));
        table.Method(
            "string", "lastIndexOf", "string, int", "int", arguments => LastIndexOf(arguments, (long)arguments[2]));
        table.Method(
            "string",
            "lowerAscii",
            "",
            "string",
            arguments => MapAscii(Text(arguments, 0), char.IsAsciiLetterUpper, 32));
        table.Method(
            "string",
            "upperAscii",
            "",
            "string",
            arguments => MapAscii(Text(arguments, 0), char.IsAsciiLetterLower, -32));
        table.Method("string", "replace", "string, string", "string", arguments => Replace(arguments, -1));
        table.Method(
            "string", "replace", "string, string, int", "string", arguments => Replace(arguments, (long)arguments[3]));
        table.Method("string", "split", "string", "list(string)", arguments => Split(arguments, -1));
        table.Method(
            "string", "split", "string, int", "list(string)", arguments => Split(arguments, (long)arguments[2]));
        table.Method(
            "string",
            "substring",
            "int",
            "string",
            arguments => Substring(Runes(arguments[0]), (long)arguments[1], null));
        table.Method(
            "string",
            "substring",
            "int, int",
            "string",
            arguments => Substring(Runes(arguments[0]), (long)arguments[1], (long)arguments[2]));
        table.Method("string", "trim", "", "string", arguments => Text(arguments, 0).Trim());
        table.Method("list(string)", "join", "", "string", arguments => Join((CelList)arguments[0], ""));
        table.Method(
            "list(string)", "join", "string", "string", arguments => Join((CelList)arguments[0], Text(arguments, 1)));
        table.Method(
            "string",
            "format",
            "list(dyn)",
            "string",
            arguments => CelStringFormat.Apply(Text(arguments, 0), (CelList)arguments[1]));
        table.Global("strings.quote", "string", "string", arguments => Quote(Text(arguments, 0)));
    }

    private static string Text(object[] arguments, int index) => (string)arguments[index];

    private static Rune[] Runes(object text) => [.. ((string)text).EnumerateRunes()];

    private static string Text(IEnumerable<Rune> runes) => string.Concat(runes.Select(rune => rune.ToString()));

    private static object CharAt(Rune[] runes, long index) =>
        index < 0 || index > runes.Length ? new CelError($"index out of range: {index}")
        : index == runes.Length ? ""
        : runes[index].ToString();

    private static object IndexOf(object[] arguments, long offset)
    {
        var (text, sought) = (Runes(arguments[0]), Runes(arguments[1]));
        if (offset < 0)
        {
            return new CelError($"index out of range: {offset}");
        }

        return sought.Length == 0 ? offset : Find(text, sought, (int)offset);
    }

    private static long Find(Rune[] text, Rune[] sought, int offset)
    {
        var found = offset > text.Length ? -1 : text.AsSpan(offset).IndexOf(sought);
        return found < 0 ? -1 : found + offset;
    }

    private static object LastIndexOf(object[] arguments, long? offset)
    {
        var (text, sought) = (Runes(arguments[0]), Runes(arguments[1]));
        if (offset < 0)
        {
            return new CelError($"index out of range: {offset}");
        }

        var last = Math.Min(text.Length, (offset ?? text.Length) + sought.Length);
        if (sought.Length == 0)
        {
            return Math.Min(text.Length, offset ?? text.Length);
        }

        return offset >= text.Length ? -1L : (long)text.AsSpan(0, (int)last).LastIndexOf(sought);
    }

    private static string MapAscii(string text, Func<char, bool> isMapped, int shift) =>
        string.Create(text.Length, (text, isMapped, shift), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = state.isMapped(state.text[i]) ? (char)(state.text[i] + state.shift) : state.text[i];
            }
        });

    /// <summary>An empty pattern matches before every character and at the end.</summary>
    private static string Replace(object[] arguments, long limit)
    {
        var (text, old, fresh) = (Text(arguments, 0), Text(arguments, 1), Text(arguments, 2));
        if (limit == 0)
        {
            return text;
        }

        var result = new StringBuilder();
        var (at, count) = (0, 0L);
        if (old.Length == 0)
        {
            foreach (var rune in text.EnumerateRunes())
            {
                result.Append(limit < 0 || count++ < limit ? fresh : "").Append(rune.ToString());
            }

            return result.Append(limit < 0 || count < limit ? fresh : "").ToString();
        }

        while ((limit < 0 || count++ < limit) && text.IndexOf(old, at, StringComparison.Ordinal) is >= 0 and var found)
        {
            result.Append(text, at, found - at).Append(fresh);
            at = found + old.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>
    /// A negative limit means none, and zero returns nothing; an empty separator splits into characters.
    /// </summary>
    private static CelList Split(object[] arguments, long limit)
    {
        var (text, separator) = (Text(arguments, 0), Text(arguments, 1));
        if (limit == 0)
        {
            return CelList.Empty;
        }

        var most = limit < 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue);
        if (separator.Length > 0)
        {
            return new CelList(text.Split(separator, most));
        }

        var runes = Runes(text);
        return runes.Length <= most
            ? new CelList(runes.Select(rune => (object)rune.ToString()))
            : new CelList([.. runes.Take(most - 1).Select(rune => rune.ToString()), Text(runes.Skip(most - 1))]);
    }

    private static object Substring(Rune[] runes, long start, long? end)
    {
        if (end is null)
        {
            return start < 0 || start > runes.Length
                ? new CelError($"index out of range: {start}")
                : Text(runes.Skip((int)start));
        }

        return start > end ? new CelError($"invalid substring range. start: {start}, end: {end}")
            : start < 0 || start > runes.Length ? new CelError($"index out of range: {start}")
            : end < 0 || end > runes.Length ? new CelError($"index out of range: {end}")
            : Text(runes[(int)start..(int)end]);
    }

    private static object Join(CelList list, string separator) =>
        list.All(item => item is string) ? string.Join(separator, list) : CelError.NoSuchOverload;

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                '\\' => "\\\\",
                '"' => "\\\"",
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}

/// <summary>Regular expressions in RE2's syntax, matched in linear time.</summary>
internal static class RegexFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Global(
            "matches", "string, string", "bool", arguments => With(arguments, (regex, text) => regex.IsMatch(text)));
        table.Method(
            "string", "matches", "string", "bool", arguments => With(arguments, (regex, text) => regex.IsMatch(text)));
        table.Method(
            "string",
            "find",
            "string",
            "string",
            arguments => With(arguments, (regex, text) => regex.Match(text).Value));
        table.Method(
            "string",
            "findAll",
            "string",
            "list(string)",
            arguments => With(arguments, (regex, text) => FindAll(regex, text, -1)));
        table.Method(
            "string",
            "findAll",
            "string, int",
            "list(string)",
            arguments => With(arguments, (regex, text) => FindAll(regex, text, (long)arguments[2])));
    }

    private static object With(object[] arguments, Func<Regex, string, object> apply) =>
        Re2.TryCompile((string)arguments[1], out var regex, out var problem)
            ? apply(regex, (string)arguments[0])
            : new CelError(problem);

    private static CelList FindAll(Regex regex, string text, long limit)
    {
        var found = regex.Matches(text).Select(match => (object)match.Value);
        return new CelList(limit < 0 ? found : found.Take((int)Math.Min(limit, int.MaxValue)));
    }
}
