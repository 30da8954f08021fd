using DevCluster.Schema.Formats;
using DevCluster.Schema.Names;

namespace DevCluster.Schema.Cel;

/// <summary>The library of Kubernetes quantities.</summary>
internal static class QuantityFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Global("quantity", "string", "quantity", arguments =>
            Quantity.Problem((string)arguments[0], out var quantity) is { } problem ? new CelError(problem) : quantity);
        table.Global("isQuantity", "string", "bool", arguments => Quantity.TryParse((string)arguments[0], out _));
        table.Method("quantity", "isInteger", "", "bool", arguments => ((Quantity)arguments[0]).Integer is not null);
        table.Method(
            "quantity",
            "asInteger",
            "",
            "int",
            arguments => ((Quantity)arguments[0]).Integer is { } integer
                ? integer
                : new CelError("cannot convert value to integer"));
        table.Method(
            "quantity", "asApproximateFloat", "", "double", arguments => ((Quantity)arguments[0]).ApproximateFloat);
        table.Global("sign", "quantity", "int", arguments => (long)((Quantity)arguments[0]).Nanos.Sign);
        table.Method("quantity", "isGreaterThan", "quantity", "bool", arguments => Compare(arguments) > 0);
        table.Method("quantity", "isLessThan", "quantity", "bool", arguments => Compare(arguments) < 0);
        table.Method("quantity", "compareTo", "quantity", "int", arguments => (long)Math.Sign(Compare(arguments)));
        table.Method(
            "quantity", "add", "quantity", "quantity", arguments => (Quantity)arguments[0] + (Quantity)arguments[1]);
        table.Method(
            "quantity",
            "add",
            "int",
            "quantity",
            arguments => (Quantity)arguments[0] + Quantity.FromInteger((long)arguments[1]));
        table.Method(
            "quantity", "sub", "quantity", "quantity", arguments => (Quantity)arguments[0] - (Quantity)arguments[1]);
        table.Method(
            "quantity",
            "sub",
            "int",
            "quantity",
            arguments => (Quantity)arguments[0] - Quantity.FromInteger((long)arguments[1]));
    }

    private static int Compare(object[] arguments) => ((Quantity)arguments[0]).CompareTo((Quantity)arguments[1]);
}

/// <summary>The URL library.</summary>
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

/// <summary>
/// Named formats: <c>format.dns1123Label().validate(name)</c> returns the problems, or none for a valid name.
/// </summary>
internal static class FormatFunctions
{
    private static readonly Dictionary<string, CelFormat> Named = new CelFormat[]
    {
        new("dns1123Label", NameFormats.Label),
        new("dns1123Subdomain", NameFormats.Subdomain),
        new("dns1035Label", NameFormats.Label1035),
        new("qualifiedName", NameFormats.QualifiedName),
        new("dns1123LabelPrefix", text => NameFormats.Label(MaskTrailingDash(text))),
        new("dns1123SubdomainPrefix", text => NameFormats.Subdomain(MaskTrailingDash(text))),
        new("dns1035LabelPrefix", text => NameFormats.Label1035(MaskTrailingDash(text))),
        new("labelValue", NameFormats.LabelValue),
        new("uri", text => GoUrl.TryParse(text, out _, out var problem) ? [] : [$"parse \"{text}\": {problem}"]),
        new("uuid", text => Check("uuid", text, "does not match the UUID format")),
        new("byte", text => Check("byte", text, "invalid base64")),
        new("date", text => Check("date", text, "invalid date")),
        new("datetime", text => Check("date-time", text, "invalid datetime")),
    }.ToDictionary(format => format.Name, StringComparer.Ordinal);

    public static void AddTo(CelFunctionTable table)
    {
        foreach (var format in Named.Values)
        {
            table.Global($"format.{format.Name}", "", "format", _ => format);
        }

        table.Global("format.named", "string", "optional(format)", arguments =>
            Named.TryGetValue((string)arguments[0], out var format) ? CelOptional.FromValue(format) : CelOptional.None);
        table.Method(
            "format",
            "validate",
            "string",
            "optional(list(string))",
            arguments => Validate((CelFormat)arguments[0], (string)arguments[1]));
    }

    private static CelOptional Validate(CelFormat format, string text) =>
        format.Problems(text) is { Count: > 0 } problems
            ? CelOptional.FromValue(new CelList(problems))
            : CelOptional.None;

    private static string[] Check(string format, string text, string problem) =>
        StringFormats.IsValid(format, text) ? [] : [problem];

    /// <summary>A prefix may end in a dash, because a suffix follows.</summary>
    private static string MaskTrailingDash(string name) =>
        name.Length > 1 && name.EndsWith('-') ? name[..^1] + "a" : name;
}

/// <summary>A named format, which validates a string.</summary>
internal sealed record CelFormat(string Name, Func<string, IReadOnlyList<string>> Problems)
{
    public bool Equals(CelFormat? other) => other?.Name == Name;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
