namespace Dynospace.Cli.Terminal;

/// <summary>What a command sees of the process that runs it.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTerminal">Whether a person watches standard output.</param>
/// <param name="CurrentFolder">Where relative paths start.</param>
/// <param name="ProgramFolder">Where the program's own files are.</param>
/// <param name="Clock">The time.</param>
internal sealed record CliEnvironment(
    TextWriter Out, TextWriter Error, bool IsTerminal, string CurrentFolder, string ProgramFolder, TimeProvider Clock)
{
    /// <summary>Opens standard input, which a file named <c>-</c> stands for.</summary>
    public Func<Stream> In { get; init; } = Console.OpenStandardInput;

    public static CliEnvironment OfThisProcess() => new(
        Console.Out,
        Console.Error,
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb",
        Directory.GetCurrentDirectory(),
        AppContext.BaseDirectory,
        TimeProvider.System);

    /// <summary>A path as the person meant it.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, CurrentFolder);
}

/// <summary>Something that the person at the command line can mend: shown as one line, without a stack trace, with exit code 1.</summary>
internal sealed class CliException(string message, Exception? inner = null) : Exception(message, inner);
