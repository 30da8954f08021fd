// Terminal: what a command sees of the process that runs it: streams, colours, environment, log files.

using System.Text;

namespace Dynospace.Cli.Terminal;

// What commands share at the edge to the person: streams, signs, colours, logs.

/// <summary>What a command sees of the process that runs it.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTerminal">Whether a person watches standard output.</param>
/// <param name="CurrentFolder">Where relative paths start.</param>
/// <param name="ProgramFolder">Where the program's own files are.</param>
/// <param name="Clock">The time.</param>
public sealed record CliEnvironment(
    TextWriter Out, TextWriter Error, bool IsTerminal, string CurrentFolder, string ProgramFolder, TimeProvider Clock)
{
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    /// <summary>The name of this program at API servers: its user agent and field manager.</summary>
    public const string ClientName = "dynospace-cli";

    /// <summary>Opens standard input, which a file named <c>-</c> stands for.</summary>
    public Func<Stream> In { get; init; } = Console.OpenStandardInput;

    /// <summary>Whether a person types standard input.</summary>
    public bool IsInputTerminal { get; init; } = true;

    /// <summary>A variable of the process's environment; null where it is not set.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Whether output may hold more than ASCII.</summary>
    public bool IsUnicode { get; init; } = true;

    public static CliEnvironment OfThisProcess()
    {
        var isUnicode = OperatingSystem.IsWindows()
            ? Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage
            : IsUtf8(Environment.GetEnvironmentVariable);
        return new CliEnvironment(
            new OutputWriter(Console.Out, isUnicode),
            isUnicode ? Console.Error : new OutputWriter(Console.Error, isUnicode),
            !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb",
            Directory.GetCurrentDirectory(),
            AppContext.BaseDirectory,
            TimeProvider.System)
        {
            IsUnicode = isUnicode,
            IsInputTerminal = !Console.IsInputRedirected,
        };
    }

    /// <summary>A path as the person meant it.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, CurrentFolder);

    /// <summary>
    /// The character set of the locale, by the precedence of POSIX. No locale is the C locale, which has ASCII alone.
    /// </summary>
    internal static bool IsUtf8(Func<string, string?> variable)
    {
        var locale = LocaleVariables.Select(variable).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
            || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>
/// Something that the person at the command line can mend: shown as one line, without a stack trace, with exit code 1.
/// </summary>
public sealed class CliException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A standard stream that reports write failures in plain text and falls back to ASCII where the locale is not UTF-8.
/// </summary>
internal sealed class OutputWriter(TextWriter inner, bool isUnicode) : TextWriter
{
    private static readonly Dictionary<char, string> Ascii = new()
    {
        ['→'] = "->",
        ['…'] = "...",
        ['·'] = "-",
        ['✓'] = "+",
        ['●'] = "*",
        ['✗'] = "!",
        ['○'] = "-",
        ['’'] = "'",
    };

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Guard(() =>
    {
        if (isUnicode || char.IsAscii(value))
        {
            inner.Write(value);
        }
        else
        {
            inner.Write(Replacement(value));
        }
    });

    public override void Write(string? value) =>
        Guard(() => inner.Write(isUnicode || value is null || IsAscii(value) ? value : ToAscii(value)));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Flush() => Guard(inner.Flush);

    private static bool IsAscii(string text) => text.All(char.IsAscii);

    private static string ToAscii(string text) =>
        string.Concat(text.Select(c => char.IsAscii(c) ? c.ToString() : Replacement(c)));

    private static string Replacement(char c) => Ascii.GetValueOrDefault(c, char.IsLowSurrogate(c) ? "" : "?");

    private static void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            var cause = e is IOException ? e.Message.TrimEnd('.') : "it is closed";
            throw new CliException($"standard output cannot be written: {cause}.", e);
        }
    }
}
