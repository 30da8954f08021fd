using System.CommandLine;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Commands;

/// <summary><c>dynospace completion</c>: scripts that ask the program itself what may follow.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _dynospace() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(dynospace "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _dynospace dynospace
            """,
        ["zsh"] = """
            #compdef dynospace
            _dynospace() {
              local -a found
              found=("${(@f)$(dynospace "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
              compadd -a found || _files
            }
            compdef _dynospace dynospace
            """,
        ["fish"] = """
            function __dynospace
              dynospace "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null
            end
            complete -c dynospace -a "(__dynospace)"
            """,
    };

    public static Command Create(CliEnvironment environment)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new DetailedCommand("completion", "Print a script that completes commands and options in a shell.", """
            Examples:
              source <(dynospace completion bash)
              dynospace completion fish > ~/.config/fish/completions/dynospace.fish

            """)
        { shell };
        command.SetAction(parsed => environment.Out.WriteLine(Scripts[parsed.GetRequiredValue(shell)]));
        return command;
    }
}
