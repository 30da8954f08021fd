using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api.Nodes;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.NodeAgent.Status;

/// <summary>The NodeNetwork object of this node, which only this agent writes.</summary>
public sealed class NodeNetworkObject(IApiTransport transport, string node)
{
    public static readonly ResourceKind Kind = ResourceKind.For<NodeNetwork>(isNamespaced: false);

    private const string FieldManager = "dynospace-node-agent";

    private static readonly ResourceKind Nodes = ResourceKind.For<V1Node>();

    private readonly ObjectKey _key = ObjectKey.ClusterScoped(node);

    public string Node => node;

    /// <summary>The node's object; null if there is none.</summary>
    public async Task<NodeNetwork?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return JsonObjects.To<NodeNetwork>(await transport.GetAsync(Kind, _key, cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Creates the node's object, which is deleted with the node.</summary>
    /// <param name="block">The block to claim; null for none.</param>
    public async Task<NodeNetwork> CreateAsync(string? block, CancellationToken cancellationToken)
    {
        var owner = await transport.GetAsync(Nodes, _key, cancellationToken);
        var made = new NodeNetwork
        {
            Metadata = new V1ObjectMeta
            {
                Name = node,
                OwnerReferences =
                [
                    new V1OwnerReference
                    {
                        ApiVersion = Nodes.ApiVersion,
                        Kind = Nodes.Kind,
                        Name = node,
                        Uid = (string?)owner["metadata"]?["uid"],
                    },
                ],
            },
            Spec = new NodeNetworkSpec { Block = block },
        };
        return JsonObjects.To<NodeNetwork>(await transport.CreateAsync(
            Kind, JsonObjects.From(made), new WriteQuery { FieldManager = FieldManager }, cancellationToken));
    }

    /// <summary>Replaces the status.</summary>
    public async Task<NodeNetwork> WriteStatusAsync(NodeNetworkStatus status, CancellationToken cancellationToken)
    {
        var written = JsonObjects.From(status);
        // A merge patch keeps omitted fields, so they are set to null.
        written["egress"] ??= null;
        written["kernel"] = JsonSerializer.SerializeToNode(status.Kernel);
        var patch = new JsonObject { ["status"] = written };
        return JsonObjects.To<NodeNetwork>(await transport.PatchAsync(
            Kind, _key, PatchFormat.Merge, patch,
            new WriteQuery { FieldManager = FieldManager, Subresource = "status" }, cancellationToken));
    }

    /// <summary>Deletes the object, and with it the node's claim. It is not an error if it does not exist.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await transport.DeleteAsync(Kind, _key, new DeleteQuery(), cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // The object is already deleted.
        }
    }
}
