using DevCluster.Network.Programs;
using Dynospace.Gate;
using Dynospace.NodeAgent.Hosting;
using Dynospace.Router.Hosting;

namespace Dynospace.Cli.Network;

/// <summary>
/// What <c>dynospace dev --network</c> runs of itself in processes of their own: pods, routers and node agents.
/// </summary>
internal static class HiddenCommands
{
    /// <summary>A router's pod.</summary>
    public const string Router = "dev-router";

    /// <summary>What holds a dyno back until its packets leave from its fixed IP.</summary>
    public const string Gate = "dev-gate";

    /// <summary>The agent of a node.</summary>
    public const string Agent = "dev-agent";

    /// <summary>Runs a hidden command; null if it is none.</summary>
    public static Task<int>? Run(string[] args) => args switch
    {
        [BuiltInProgram.Verb, .. var words] => BuiltInProgram.RunAsync(words),
        [Router, .. var words] => RouterProgram.RunAsync(words, warmsUp: false),
        [Gate, .. var words] => GateProgram.RunAsync(words, Console.Out, Console.Error, CancellationToken.None),
        [Agent, .. var words] => AgentProgram.RunAsync(words),
        _ => null,
    };
}
