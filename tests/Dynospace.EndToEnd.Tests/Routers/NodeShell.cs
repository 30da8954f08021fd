using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>
/// A pod on a node's own network, in which shell scripts run: the node itself, as the network sees it.
/// </summary>
internal sealed class NodeShell : IAsyncDisposable
{
    private readonly Platform _platform;

    private NodeShell(Platform platform, PodShell shell) => (_platform, Shell) = (platform, shell);

    public PodShell Shell { get; }

    public static async Task<NodeShell> StartAsync(Platform platform, TestSpace space, string node)
    {
        var pod = new Bystanders(platform.Workloads.Runs, "default", "default", "default", SpaceRuntime.Common)
            .OnNode(node);
        (pod.Metadata.Name, pod.Metadata.NamespaceProperty) = ($"{space.Name}-on-node", "default");
        (await platform.Api.CreateAsync(pod, TestContext.Current.CancellationToken)).Require();
        var shell = new NodeShell(platform, new(platform.Api, new("default", pod.Metadata.Name), Listens: false));
        await space.UntilAsync(
            "the pod on the node runs", state => DynoPods.Running(state.Find(Kinds.Pod, shell.Shell.Pod)));
        return shell;
    }

    public async ValueTask DisposeAsync() =>
        await _platform.Api.DeleteAsync(Kinds.Pod, Shell.Pod, CancellationToken.None);
}
