using System.Net;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Operator;

/// <summary>
/// Asks the cluster for its Service CIDRs. Kubernetes has told them since 1.33; on an older one the private ranges, which are
/// denied anyhow, hold them in practice, and the option clusterRanges names others.
/// </summary>
internal static class ServiceRanges
{
    private static readonly ResourceKind Kind = new("networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", IsNamespaced: false);

    public static async Task<IReadOnlyList<string>> ReadAsync(IApiTransport transport, CancellationToken cancellationToken)
    {
        try
        {
            using var page = await transport.ListAsync(Kind, new ListQuery(), cancellationToken);
            return [.. page.Items
                .SelectMany(range => range.GetProperty("spec").GetProperty("cidrs").EnumerateArray())
                .Select(cidr => cidr.GetString()).OfType<string>()
                .Order(StringComparer.Ordinal)];
        }
        catch (ApiException e) when (e.Code is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            return [];
        }
    }
}
