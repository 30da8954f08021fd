using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Cel;

/// <summary>URLs.</summary>
internal static class UrlFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Global(
            "url", "string", "url", arguments => GoUrl.TryParse((string)arguments[0], out var url, out var problem)
                ? url
                : new CelError($"URL parse error during conversion from string: parse \"{arguments[0]}\": {problem}"));
        table.Global("isURL", "string", "bool", arguments => GoUrl.TryParse((string)arguments[0], out _, out _));
        table.Method("url", "getScheme", "", "string", arguments => ((GoUrl)arguments[0]).Scheme);
        table.Method("url", "getHost", "", "string", arguments => ((GoUrl)arguments[0]).Host);
        table.Method("url", "getHostname", "", "string", arguments => ((GoUrl)arguments[0]).Hostname);
        table.Method("url", "getPort", "", "string", arguments => ((GoUrl)arguments[0]).Port);
        table.Method("url", "getEscapedPath", "", "string", arguments => ((GoUrl)arguments[0]).EscapedPath);
        table.Method("url", "getQuery", "", "map(string, list(string))", arguments => Query((GoUrl)arguments[0]));
    }

    private static CelDictionary Query(GoUrl url)
    {
        var query = new CelDictionary();
        foreach (var group in url.Query.GroupBy(pair => pair.Key, StringComparer.Ordinal))
        {
            query.TryAdd(group.Key, new CelList(group.Select(pair => (object)pair.Value)));
        }

        return query;
    }
}
