using System.Net;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Exceptions;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>Reads a cluster once, in pages.</summary>
internal sealed class LiveWorld(IApiTransport transport)
{
    private const int PageSize = 500;

    /// <param name="kubeconfig">The kubeconfig; null for the usual one.</param>
    /// <param name="context">Its context; null for the current one.</param>
    /// <param name="clock">For time-outs.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="CliException">The cluster cannot be read.</exception>
    public static async Task<ReachWorld> ReadAsync(string? kubeconfig, string? context, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig, context));
            return await new LiveWorld(new ApiTransport(client, new ApiTransportOptions { UserAgent = "dynospace-cli" }, clock)).ReadAsync(cancellationToken);
        }
        catch (Exception e) when (e is KubeConfigException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException($"the kubeconfig cannot be used: {e.Message.TrimEnd('.')}. Name one with --kubeconfig FILE, or manifests with -f.", e);
        }
        catch (ApiException e)
        {
            throw new CliException($"the cluster refuses to be read: {e.Status.Message} This needs list on Spaces, namespaces, nodes, pods, services, endpointslices and networkpolicies.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            throw new CliException($"the cluster cannot be reached: {e.Message.TrimEnd('.')}. Check --kubeconfig and --context.", e);
        }
    }

    private async Task<ReachWorld> ReadAsync(CancellationToken cancellationToken) => new()
    {
        Spaces = await SpacesAsync(cancellationToken),
        Objects =
        [
            .. await ListAsync<V1Namespace>(ResourceKind.For<V1Namespace>(), cancellationToken),
            .. await ListAsync<V1Node>(ResourceKind.For<V1Node>(), cancellationToken),
            .. await ListAsync<V1Pod>(ResourceKind.For<V1Pod>(), cancellationToken),
            .. await ListAsync<V1NetworkPolicy>(ResourceKind.For<V1NetworkPolicy>(), cancellationToken),
            .. await ListAsync<V1Service>(ResourceKind.For<V1Service>(), cancellationToken),
            .. await ListAsync<V1EndpointSlice>(ResourceKind.For<V1EndpointSlice>(), cancellationToken),
        ],
    };

    private async Task<List<Space>> SpacesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync<Space>(ResourceKind.For<Space>(isNamespaced: false), cancellationToken);
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.NotFound)
        {
            throw new CliException("the cluster knows no Spaces: install Dynospace first (dynospace crds | kubectl apply --server-side -f -).", e);
        }
    }

    private async Task<List<T>> ListAsync<T>(ResourceKind kind, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        await transport.ListAllAsync(kind, new ListQuery { Limit = PageSize }, JsonObjects.To<T>, cancellationToken).ToListAsync(cancellationToken);
}
