return Dynospace.Gate.Recording.RecordingProgram.Run(args)
    ?? await Dynospace.Gate.GateProgram.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
