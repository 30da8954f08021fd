using System.CommandLine;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Commands;

/// <summary><c>dynospace completion</c>: scripts that ask the program itself what may follow.</summary>
public static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _dynospace() {
              local IFS=$'\n' found
              found=$(dynospace "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
              COMPREPLY=($(compgen -W "${found}" -- "${COMP_WORDS[COMP_CWORD]}"))
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
        ["kubectl"] = """
            #!/bin/sh
            # What kubectl asks for the words after "kubectl dyno". 4: no names of files.
            line="dynospace $*"
            dynospace "[suggest:${#line}]" "$line" 2>/dev/null
            echo :4
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
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or kubectl." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        const string Details = """
            Examples:
              source <(dynospace completion bash)
              dynospace completion zsh > "${fpath[1]}/_dynospace"
              dynospace completion fish > ~/.config/fish/completions/dynospace.fish

            As a plugin of kubectl, with completion:
              ln -s "$(command -v dynospace)" ~/.local/bin/kubectl-dyno
              dynospace completion kubectl > ~/.local/bin/kubectl_complete-dyno
              chmod +x ~/.local/bin/kubectl_complete-dyno
              kubectl dyno ps -a shop

            """;
        var command = new DetailedCommand(
            "completion", "Print a script that completes commands, options and live names in a shell.", Details)
        {
            shell,
        };
        command.SetAction(parsed => environment.Out.WriteLine(Scripts[parsed.GetRequiredValue(shell)]));
        return command;
    }
}
