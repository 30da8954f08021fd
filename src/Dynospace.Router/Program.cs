using Dynospace.Router.Hosting;

return await RouterProgram.RunAsync(args, warmsUp: true);
