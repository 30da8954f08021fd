// Caching: starts and stops the informers of one part of the agent together.

using Dynospace.Runtime.Caching;

namespace Dynospace.NodeAgent.Caching;

/// <summary>The informers of one part of the agent, which starts after all of them have synced.</summary>
public sealed class InformerGroup(params IInformer[] informers)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(informers.Select(informer => informer.RunAsync(cancellationToken)));

    /// <summary>Waits until all have synced.</summary>
    /// <param name="report">Called every second with the kinds that have not synced.</param>
    public async Task WaitForSyncAsync(
        Action<string> report, TimeProvider clock, CancellationToken cancellationToken)
    {
        var syncing = Task.WhenAll(informers.Select(informer => informer.WaitForSyncAsync(cancellationToken)));
        while (await Task.WhenAny(syncing, Task.Delay(ReportEvery, clock, cancellationToken)) != syncing)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var missing = informers.Where(informer => !informer.HasSynced).Select(informer => informer.Kind.Plural);
            report($"the API server has not given all {string.Join(", ", missing)} yet");
        }

        await syncing;
    }
}
