using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>
/// A second node, with a public address, of clusters whose nodes run nothing: it gets no pods, but policies must know
/// of it.
/// </summary>
internal static class NodeBeyond
{
    private const string Name = "beyond";

    public static async Task AddAsync(ApiClient api, bool isSimulated, CancellationToken cancellationToken)
    {
        var node = new V1Node
        {
            ApiVersion = "v1",
            Kind = "Node",
            Metadata = new()
            {
                Name = Name,
                Labels = isSimulated ? new Dictionary<string, string> { [Labels.Simulated] = "true" } : null,
            },
            Spec = new() { Unschedulable = true },
        };
        (await api.CreateAsync(node, cancellationToken)).Require();
        var status = new JsonObject
        {
            ["addresses"] = new JsonArray(Address("InternalIP", "10.0.0.12"), Address("ExternalIP", "198.51.100.11")),
        };
        (await api.PatchAsync(
            Kinds.Node,
            ObjectKey.ClusterScoped(Name),
            new JsonObject { ["status"] = status },
            "status",
            cancellationToken)).Require();
    }

    private static JsonObject Address(string type, string address) => new() { ["type"] = type, ["address"] = address };
}
