using Dynospace.Hosting;
using Dynospace.Hosting.Options;
using Microsoft.Extensions.Configuration;

namespace Dynospace.NodeAgent.Hosting;

/// <summary>The agent as a standalone program.</summary>
public static class AgentProgram
{
    private const string EnvironmentPrefix = "DYNOSPACE_NODE_AGENT_";

    /// <summary>Runs until asked to stop, or removes everything that agents have written on this node.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--remove", .. var options])
        {
            return await RemoveAsync(options);
        }

        return await new HostedProgram<AgentConfiguration>
        {
            Name = "dynospace-node-agent",
            Summary =
                "Does one node's share: the network of its pods, and NetworkPolicies. With --remove as the first "
                + "argument it takes away what agents have written on the node, and ends.",
            EnvironmentPrefix = EnvironmentPrefix,
            Options = AgentConfiguration.Table,
            PortOptions = ["healthPort"],
            RunAsync = AgentHost.RunAsync,
        }.RunToExitAsync(args);
    }

    /// <summary>The same options determine the folders to which the network was written.</summary>
    private static async Task<int> RemoveAsync(string[] options)
    {
        try
        {
            AgentConfiguration.Table.RefuseMalformed(options);
            return await AgentHost.RemoveAsync(AgentConfiguration.Table.Read(
                new ConfigurationBuilder().AddEnvironmentVariables(EnvironmentPrefix).AddCommandLine(options)
                    .Build()));
        }
        catch (OptionException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
