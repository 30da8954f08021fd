using Dynospace.Benchmarks;

return await BenchmarkCommand.Create().Parse(args).InvokeAsync();
