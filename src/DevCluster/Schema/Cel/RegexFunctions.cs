using System.Text.RegularExpressions;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Cel;

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
