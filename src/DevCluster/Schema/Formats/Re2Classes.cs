namespace DevCluster.Schema.Formats;

/// <summary>RE2's named character classes, which are ASCII only, as the inside of a .NET class.</summary>
internal static class Re2Classes
{
    public static IReadOnlyDictionary<string, string> Posix { get; } = new Dictionary<string, string>(
        StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t\x20",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = @"\x20-~",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r\x20",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    public static string Perl(char letter) => letter switch { 'd' => "0-9", 'w' => "0-9A-Za-z_", _ => @"\t\n\f\r\x20" };

    public static string NegatedPerl(char letter) => letter switch
    {
        'D' => @"\x00-/:-\uFFFF",
        'W' => @"\x00-/:-@\[-^`{-\uFFFF",
        _ => @"\x00-\x08\x0B\x0E-\x1F!-\uFFFF",
    };
}
