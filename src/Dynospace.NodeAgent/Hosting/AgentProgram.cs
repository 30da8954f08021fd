using Dynospace.Hosting;

namespace Dynospace.NodeAgent.Hosting;

/// <summary>The agent as a program of its own.</summary>
public static class AgentProgram
{
    /// <summary>Runs it until it is asked to end, or removes the rules of this node.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--remove"])
        {
            return await AgentHost.RemoveAsync();
        }

        return await new HostedProgram<AgentConfiguration>
        {
            Name = "dynospace-node-agent",
            Summary =
                "Does one node's share: enforces NetworkPolicies. With --remove alone it takes its rules away and "
                + "ends.",
            EnvironmentPrefix = "DYNOSPACE_NODE_AGENT_",
            Options = AgentConfiguration.Table,
            PortOptions = ["healthPort"],
            RunAsync = AgentHost.RunAsync,
        }.RunToExitAsync(args);
    }
}
