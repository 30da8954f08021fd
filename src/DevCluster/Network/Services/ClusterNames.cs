using System.Text;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Network.Services;

/// <summary>Pure: writes the names and addresses of the cluster's DNS, one name a line.</summary>
internal static class ClusterNames
{
    private const string Domain = "svc.cluster.local";
    private const string ServiceLabel = "kubernetes.io/service-name";

    public static string Build(IEnumerable<StoredObject> services, IEnumerable<StoredObject> slices)
    {
        var text = new StringBuilder();
        var byService =
            slices.ToLookup(slice => (slice.Namespace, slice.Content.Text("metadata", "labels", ServiceLabel)));
        foreach (var service in services)
        {
            var name = $"{service.Name}.{service.Namespace}.{Domain}";
            if (service.Content.Text("spec", "clusterIP") is { Length: > 0 } address && address != "None")
            {
                text.Append(name).Append(' ').Append(address).Append('\n');
                continue;
            }

            var endpoints = byService[(service.Namespace, service.Name)]
                .SelectMany(slice => slice.Content.Items("endpoints"))
                .Where(endpoint => endpoint.Flag("conditions", "ready") != false)
                .ToList();
            text.Append(name).Append(' ')
                .AppendJoin(' ', endpoints.SelectMany(endpoint => endpoint.Texts("addresses"))).Append('\n');
            foreach (var endpoint in endpoints.Where(endpoint => endpoint.Text("hostname") is { Length: > 0 }))
            {
                text.Append(endpoint.Text("hostname")).Append('.').Append(name).Append(' ')
                    .AppendJoin(' ', endpoint.Texts("addresses")).Append('\n');
            }
        }

        return text.ToString();
    }
}
