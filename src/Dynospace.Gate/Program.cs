return await Dynospace.Gate.GateProgram.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
