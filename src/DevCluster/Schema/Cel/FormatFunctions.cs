using DevCluster.Schema.Formats;
using DevCluster.Schema.Names;

namespace DevCluster.Schema.Cel;

/// <summary>
/// Named formats: <c>format.dns1123Label().validate(name)</c> gives the problems, none when there are none.
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
            Named.TryGetValue((string)arguments[0], out var format) ? CelOptional.Of(format) : CelOptional.None);
        table.Method(
            "format",
            "validate",
            "string",
            "optional(list(string))",
            arguments => Validate((CelFormat)arguments[0], (string)arguments[1]));
    }

    private static CelOptional Validate(CelFormat format, string text) =>
        format.Problems(text) is { Count: > 0 } problems ? CelOptional.Of(new CelList(problems)) : CelOptional.None;

    private static string[] Check(string format, string text, string problem) =>
        StringFormats.IsValid(format, text) ? [] : [problem];

    /// <summary>A prefix may end in a dash, because a suffix follows.</summary>
    private static string MaskTrailingDash(string name) =>
        name.Length > 1 && name.EndsWith('-') ? name[..^1] + "a" : name;
}
