using System.Text;
using DevCluster.ApiServer.Pods;
using DevCluster.ApiServer.Storage;

namespace DevCluster.ApiServer.Http;

/// <summary>Relays connections between a client and the ports of a pod.</summary>
internal sealed class PortRelay(IPodConnections pods, StoredObject pod)
{
    private const int CopyBytes = 32 * 1024;

    /// <summary>
    /// Completes when the pod closes its side. The end of the client's input is forwarded to the pod. Connection errors
    /// are written to <paramref name="errors"/>.
    /// </summary>
    public async Task RunAsync(
        int port, Stream input, Stream output, Stream errors, CancellationToken cancellationToken)
    {
        try
        {
            await using var target = await pods.ConnectAsync(pod, port, cancellationToken);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var sending = SendAsync(input, target, ended.Token);
            await target.CopyToAsync(output, CopyBytes, ended.Token);
            await ended.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is IOException or PodConnectionException)
        {
            await errors.WriteAsync(Encoding.UTF8.GetBytes(e.Message), cancellationToken);
        }
    }

    private static async Task SendAsync(Stream input, Stream target, CancellationToken cancellationToken)
    {
        await input.CopyToAsync(target, CopyBytes, cancellationToken);
        if (target is IHalfClosable half)
        {
            half.EndOutput();
        }
    }
}
