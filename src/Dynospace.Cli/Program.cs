using Dynospace.Cli;
using Dynospace.Cli.Network;
using Dynospace.Cli.Terminal;

if (HiddenCommands.Run(args) is { } hidden)
{
    return await hidden;
}

if (args is not ["dev", ..])
{
    // A verb is too short for code generation at run time to pay off. Libraries then do without it, as in programs that
    // are compiled ahead of time.
    AppContext.SetSwitch("System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported", false);
}

return await DynospaceCommandLine.RunAsync(args, CliEnvironment.OfThisProcess(), CancellationToken.None);
