using Dynospace.Cli;
using Dynospace.Cli.Network;
using Dynospace.Cli.Terminal;

if (HiddenCommands.Run(args) is { } hidden)
{
    return await hidden;
}

if (args is not ["dev", ..])
{
    // A verb ends before code that is made while it runs would pay: libraries then go without such code, as they do in
    // programs that are compiled ahead as a whole.
    AppContext.SetSwitch("System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported", false);
}

return await DynospaceCommandLine.RunAsync(args, CliEnvironment.OfThisProcess(), CancellationToken.None);
