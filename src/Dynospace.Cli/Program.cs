using Dynospace.Cli;

return await DynospaceCommandLine.RunAsync(args, CliEnvironment.OfThisProcess(), CancellationToken.None);
