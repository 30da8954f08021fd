using System.CommandLine;
using System.CommandLine.Invocation;
using Dynospace.Cli.Commands;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli;

/// <summary>The <c>dynospace</c> command: parses, runs and turns failures into one line and exit code 1.</summary>
internal static class DynospaceCommandLine
{
    public static RootCommand Create(CliEnvironment environment)
    {
        var root = new RootCommand("The network of a dyno platform for any Kubernetes cluster.")
        {
            DevCommand.Create(environment),
            CrdsCommand.Create(environment),
            RenderCommand.Create(environment),
            ReachCommand.Create(environment),
            CompletionCommand.Create(environment),
        };
        DetailedHelpAction.Install(root);
        return root;
    }

    public static async Task<int> RunAsync(string[] args, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var parsed = Create(environment).Parse(args);
        if (parsed.Action is ParseErrorAction wrong)
        {
            wrong.ShowHelp = false;
        }

        var invocation = new InvocationConfiguration
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
            // Time for watches to close and for the terminal to be put back.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (CliException e)
        {
            await environment.Error.WriteLineAsync($"dynospace: {e.Message}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await environment.Error.WriteLineAsync($"dynospace: a defect of the program, please report it: {e.GetType().Name}: {e.Message}");
            if (Environment.GetEnvironmentVariable("DYNOSPACE_TRACE") is not null)
            {
                await environment.Error.WriteLineAsync(e.ToString());
            }
        }

        return 1;
    }
}
