using Dynospace.NodeAgent.Hosting;

return await AgentProgram.RunAsync(args);
