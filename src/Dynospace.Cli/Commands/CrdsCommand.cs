using System.CommandLine;
using Dynospace.Api.Crds;
using Dynospace.Cli.Manifests;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Commands;

/// <summary><c>dynospace crds</c>: the CustomResourceDefinitions of this version.</summary>
public static class CrdsCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Write one file for each, and a kustomization, into this folder.",
            HelpName = "DIR",
        };
        var command = new DetailedCommand("crds", "Print the CustomResourceDefinitions of this version.", """
            Examples:
              dynospace crds | kubectl apply --server-side -f -
              dynospace crds --output crds

            """)
        { output };
        command.SetAction(parsed => Run(environment, parsed.GetValue(output)));
        return command;
    }

    private static int Run(CliEnvironment environment, string? folder)
    {
        var files = EmbeddedFiles.Crds;
        if (folder is null)
        {
            environment.Out.Write(string.Join("---\n", files.Select(file => file.Text)));
            return 0;
        }

        var path = environment.FullPath(folder);
        try
        {
            Directory.CreateDirectory(path);
            foreach (var file in files.Append(CrdFiles.Kustomization(files)))
            {
                File.WriteAllText(Path.Combine(path, file.Name), file.Text);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(
                $"--output {folder} cannot be written: {e.Message} Name a folder that you may write to.", e);
        }

        return 0;
    }
}
