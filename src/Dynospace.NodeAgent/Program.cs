// Dynospace.NodeAgent: the program that runs on every node: policies, the dyno network and fixed IPs.

using Dynospace.NodeAgent.Hosting;

return await AgentProgram.RunAsync(args);
