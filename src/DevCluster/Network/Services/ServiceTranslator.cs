// Services: translates Service addresses to pod addresses and publishes DNS names.

using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Network.Kernel;
using DevCluster.Network.Wiring;
using DevCluster.Schema.Resources;
using Microsoft.Extensions.Logging;

namespace DevCluster.Network.Services;

/// <summary>
/// Acts as kube-proxy on the nodes and as the load balancer for outside clients, and keeps the names of the cluster's
/// DNS in a file. Each change writes all rules of a node in one transaction.
/// </summary>
internal sealed class ServiceTranslator(IResourceRegistry registry, Fabric fabric, string namesFile, ILogger logger)
{
    /// <summary>Changes within this time share one transaction.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<string, string> _applied = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var changes = registry.Subscribe(cancellationToken);
        try
        {
            do
            {
                var matters = _applied.Count == 0;
                while (changes.TryRead(out var change))
                {
                    matters |= Matters(change);
                }

                if (matters)
                {
                    await ApplyAsync(cancellationToken);
                    await Task.Delay(Pause, cancellationToken);
                }
            }
            while (await changes.WaitToReadAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancellation is the normal end.
        }
    }

    // Includes pods, because a node's network is ready only after its Node object exists.
    private bool Matters(ObjectChange change) =>
        change.Object.Resource == KnownResources.Services
        || change.Object.Resource == KnownResources.EndpointSlices
        || fabric.Nodes.Count + 1 > _applied.Count;

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var services = registry.List(KnownResources.Services);
        var slices = registry.List(KnownResources.EndpointSlices);
        await WriteNamesAsync(ClusterNames.Build(services, slices), cancellationToken);
        var ports = ServiceTable.Build(services, slices);
        Apply("", fabric.Wire, ServiceRules.For(ports, null));
        foreach (var node in fabric.Nodes)
        {
            Apply(node, fabric.Node(node)!, ServiceRules.For(ports, node));
        }
    }

    private void Apply(string key, Netns place, string rules)
    {
        if (_applied.GetValueOrDefault(key) == rules)
        {
            return;
        }

        try
        {
            place.Filter(rules);
            _applied[key] = rules;
        }
        catch (NetworkException e)
        {
            logger.LogError("Services are not translated on {Place}: {Problem}", place.Name, e.Message);
        }
    }

    private async Task WriteNamesAsync(string names, CancellationToken cancellationToken)
    {
        var next = namesFile + ".new";
        await File.WriteAllTextAsync(next, names, cancellationToken);
        File.SetUnixFileMode(next, (UnixFileMode)0b110_100_100);
        File.Move(next, namesFile, overwrite: true);
    }
}
