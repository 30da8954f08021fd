namespace Dynospace.Cli;

/// <summary>Something that the person at the command line can mend: shown as one line, without a stack trace, with exit code 1.</summary>
internal sealed class CliException(string message, Exception? inner = null) : Exception(message, inner);
