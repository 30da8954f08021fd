// Dynospace.Cli: the dynospace command: its line of arguments, its exit codes and its verbs.

using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using System.Security.Authentication;
using Dynospace.Cli.Commands;
using Dynospace.Cli.Doctor;
using Dynospace.Cli.Terminal;
using Dynospace.Cli.Verbs;
using Dynospace.Hosting;
using Dynospace.Hosting.Options;

namespace Dynospace.Cli;

/// <summary>The <c>dynospace</c> command: parses, runs and turns failures into one line and exit code 1.</summary>
internal static class DynospaceCommandLine
{
    private const string Help = "--help";

    public static RootCommand Create(CliEnvironment environment)
    {
        var root = new RootCommand("The network of a dyno platform for any Kubernetes cluster.")
        {
            DevCommand.Create(environment),
            CrdsCommand.Create(environment),
            RenderCommand.Create(environment),
            ReachCommand.Create(environment),
            DrainCommand.Create(environment),
            CompletionCommand.Create(environment),
            VersionCommand(environment),
            // Handled before parsing: the words after it are commands.
            new Command("help", "Say what a command does, as its option --help does."),
        };
        foreach (var verb in DailyVerbs(environment))
        {
            root.Add(verb);
        }

        DetailedHelpAction.Install(root);
        return root;
    }

    public static async Task<int> RunAsync(
        string[] args, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var parsed = Create(environment).Parse(Usual(args));
        var invocation = new InvocationConfiguration
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
            // Leaves time to close watches and to restore the terminal.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
        };
        try
        {
            // Otherwise help would hide a misspelt command.
            return parsed.Action is ParseErrorAction
                || (parsed.Action is DetailedHelpAction && parsed.UnmatchedTokens.Count > 0)
                ? throw new CliException(Mistake(parsed))
                : await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await environment.Error.WriteLineAsync($"dynospace: {Message(e)}");
            if (e is not CliException && Environment.GetEnvironmentVariable("DYNOSPACE_TRACE") is not null)
            {
                await environment.Error.WriteLineAsync(e.ToString());
            }
        }

        return 1;
    }

    /// <summary>What people do every day with their apps, on the cluster of their kubeconfig.</summary>
    private static IEnumerable<Command> DailyVerbs(CliEnvironment environment) =>
    [
        .. ListVerbs.Create(environment),
        LogsVerb.Create(environment),
        RunVerb.Create(environment),
        ScaleVerb.Create(environment),
        ConfigVerb.Create(environment),
        .. ReleaseVerbs.Create(environment),
        .. WebVerbs.Create(environment),
        TopologyVerb.Create(environment),
        EgressVerb.Create(environment),
        DoctorVerb.Create(environment),
        TopVerb.Create(environment),
        SizesVerb.Create(environment),
    ];

    /// <summary>As kubectl does, prints help without a command and for the word <c>help</c>.</summary>
    private static string[] Usual(string[] args) => args switch
    {
        [] => [Help],
        ["help", .. var command] => [.. command, Help],
        _ => args,
    };

    private static Command VersionCommand(CliEnvironment environment)
    {
        var command = new Command("version", "Print the version.");
        command.SetAction(
            _ => environment.Out.WriteLine(ProgramVersion.FromAssembly(typeof(DynospaceCommandLine).Assembly)));
        return command;
    }

    /// <summary>Only the first mistake: the others mostly follow from it.</summary>
    private static string Mistake(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var more = $"see dynospace {string.Join(' ', Path(parsed.CommandResult).Append(Help))}.";
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            var (what, known) = word.StartsWith('-')
                ? ("option", Options(parsed.CommandResult))
                : ("command", command.Subcommands.Select(sub => sub.Name));
            var near = Suggestions.For(word, known);
            return command.Subcommands.Count == 0 && what == "command"
                ? $"'{word}' is one word too many: {more}"
                : $"unknown {what} '{word}': {(near.Count > 0 ? $"did you mean {string.Join(" or ", near)}?" : more)}";
        }

        var error = parsed.Errors[0].Message.TrimEnd('.', ' ', '\n');
        return $"{char.ToLowerInvariant(error[0])}{error[1..]}"
            + $"{(error.Contains(": ", StringComparison.Ordinal) ? "." : $": {more}")}";
    }

    private static IEnumerable<string> Options(CommandResult? result) => result is null ? [] : result.Command.Options
        .SelectMany(option => option.Aliases.Append(option.Name))
        .Where(name => name.StartsWith("--", StringComparison.Ordinal))
        .Concat(Options(result.Parent as CommandResult));

    private static IEnumerable<string> Path(CommandResult result) =>
        result.Parent is CommandResult parent ? Path(parent).Append(result.Command.Name) : [];

    /// <summary>A failure outside the program is reported by the message of its cause.</summary>
    private static string Message(Exception e) => e switch
    {
        CliException or OptionException => e.Message,
        IOException or UnauthorizedAccessException or SocketException or HttpRequestException
            or AuthenticationException or TimeoutException =>
            $"{e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.",
        _ => $"a defect of the program, please report it: {e.GetType().Name}: {e.Message}",
    };
}
