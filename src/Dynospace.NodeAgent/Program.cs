using Dynospace.Hosting;
using Dynospace.NodeAgent.Hosting;

if (args is ["--remove"])
{
    return await AgentHost.RemoveAsync();
}

return await new HostedProgram<AgentConfiguration>
{
    Name = "dynospace-node-agent",
    Summary = "Does one node's share: enforces NetworkPolicies. With --remove alone it takes its rules away and ends.",
    EnvironmentPrefix = "DYNOSPACE_NODE_AGENT_",
    Options = AgentConfiguration.Table,
    PortOptions = ["healthPort"],
    RunAsync = AgentHost.RunAsync,
}.RunToExitAsync(args);
