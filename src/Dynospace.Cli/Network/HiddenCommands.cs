using System.Runtime.CompilerServices;
using DevCluster.Network.Programs;
using Dynospace.Gate;
using Dynospace.Gate.Recording;
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

    /// <summary>The recorder of a run, and the keeper of its record.</summary>
    public const string Recorder = "dev-recorder";

    /// <summary>The agent of a node.</summary>
    public const string Agent = "dev-agent";

    /// <summary>Runs a hidden command; null if it is none.</summary>
    public static Task<int>? Run(string[] args) => args switch
    {
        [BuiltInProgram.Verb, .. var words] => RunProgram(words),
        [Router, .. var words] => RunRouter(words),
        [Gate, .. var words] => RunGate(words),
        [Recorder, .. var words] => RunRecorder(words),
        [Agent, .. var words] => RunAgent(words),
        _ => null,
    };

    // Methods of their own, so that the assembly of each is loaded only where it runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<int> RunProgram(string[] words) => BuiltInProgram.RunAsync(words);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<int> RunRouter(string[] words) => RouterProgram.RunAsync(words, warmsUp: false);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<int> RunGate(string[] words) =>
        GateProgram.RunAsync(words, Console.Out, Console.Error, CancellationToken.None);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<int>? RunRecorder(string[] words) =>
        RecordingProgram.Run(words) is { } code ? Task.FromResult(code) : null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<int> RunAgent(string[] words) => AgentProgram.RunAsync(words);
}
