using System.CommandLine;
using Dynospace.Cli.Rendering;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Commands;

/// <summary><c>dynospace render</c>: what the operator would make of manifests.</summary>
public static class RenderCommand
{
    private const string Details = """
        Reads Spaces, Apps and one-off Dynos, checks them as the API server would, and prints the namespaces,
        policies, releases, Services, Dynos and pods that the operator would make of them on an empty cluster.
        Output for the same input is always the same: it has no UIDs or times. Secret values are never printed.
        Exit code 1 if there is a problem; standard error names it.

        Examples:
          dynospace render -f samples/
          dynospace render -f space.yaml -f apps/ --assume-secrets -o name
          diff <(git show main:apps.yaml | dynospace render -f /dev/stdin) <(dynospace render -f apps.yaml)

        """;

    public static Command Create(CliEnvironment environment)
    {
        var manifests = new ManifestOptions(
            "A file or a folder of YAML to render. May be given more than once.", isRequired: true);
        var operatorOptions = new OperatorOptionPairs();
        var format = WordOption.Create("--output", ["-o"], "How objects are printed", "FORMAT", RenderFormat.Yaml);
        var command = new DetailedCommand(
            "render", "Print every object that the operator would make of manifests.", Details)
        {
            format,
            operatorOptions.Option,
        };
        foreach (var option in manifests.All)
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            var rendered = manifests.Read(parsed, environment, operatorOptions.Read(parsed)).Rendered;
            environment.Out.Write(RenderedText.Print(rendered.Objects, parsed.GetValue(format)));
            return Report(environment, rendered.Problems);
        });
        return command;
    }

    /// <summary>Every problem on a line of standard error.</summary>
    public static int Report(CliEnvironment environment, IReadOnlyList<RenderProblem> problems)
    {
        foreach (var problem in problems)
        {
            environment.Error.WriteLine($"dynospace: {problem}");
        }

        return problems.All(problem => problem.IsWarning) ? 0 : 1;
    }
}
