using System.Text.RegularExpressions;

namespace DevCluster.Schema.Cel;

/// <summary>
/// Kubernetes' escaping of field names that are not CEL identifiers: <c>namespace</c> is <c>__namespace__</c>,
/// <c>a-b</c> is <c>a__dash__b</c>.
/// </summary>
internal static partial class CelNames
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    };

    /// <summary>Reserved words of CEL; as field names they may be plain or escaped.</summary>
    public static bool IsReserved(string name) => Reserved.Contains(name);

    /// <summary>The name in expressions; null if expressions cannot refer to it.</summary>
    public static string? Escape(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !Escapable().IsMatch(name))
        {
            return null;
        }

        return Reserved.Contains(name) ? $"__{name}__" : Special().Replace(name, match => match.Value switch
        {
            "__" => "__underscores__",
            "." => "__dot__",
            "-" => "__dash__",
            _ => "__slash__",
        });
    }

    /// <summary>The field name of an identifier in an expression; null if there is none.</summary>
    public static string? Unescape(string escaped)
    {
        var isValid = true;
        var name = EscapedPart().Replace(escaped, match =>
        {
            var part = match.Value[2..^2];
            isValid &= part is "underscores" or "dot" or "dash" or "slash"
                || (Reserved.Contains(part) && match.Length == escaped.Length);
            return part switch { "underscores" => "__", "dot" => ".", "dash" => "-", "slash" => "/", _ => part };
        });
        return isValid ? name : null;
    }

    [GeneratedRegex(@"^[a-zA-Z0-9_./\-]+$")]
    private static partial Regex Escapable();

    [GeneratedRegex(@"__|[-./]")]
    private static partial Regex Special();

    [GeneratedRegex("_{2}[^_]+_{2}")]
    private static partial Regex EscapedPart();
}
