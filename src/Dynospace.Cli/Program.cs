using Dynospace.Cli;
using Dynospace.Cli.Terminal;

return await DynospaceCommandLine.RunAsync(args, CliEnvironment.OfThisProcess(), CancellationToken.None);
