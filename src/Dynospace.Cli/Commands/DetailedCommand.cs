using System.CommandLine;

namespace Dynospace.Cli.Commands;

/// <summary>A command with more to say than the line that lists it: <c>--help</c> prints the details below the options.</summary>
internal sealed class DetailedCommand(string name, string summary, string details) : Command(name, summary)
{
    public string Details { get; } = details;
}
