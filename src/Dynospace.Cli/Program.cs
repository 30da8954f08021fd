using Dynospace.Cli;
using Dynospace.Cli.Network;
using Dynospace.Cli.Terminal;

return await (HiddenCommands.Run(args)
    ?? DynospaceCommandLine.RunAsync(args, CliEnvironment.OfThisProcess(), CancellationToken.None));
