using System.Net;
using Dynospace.Api.Nodes;
using Dynospace.NodeAgent.Status;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>The block of this node, or the reason why it has none.</summary>
internal sealed record ClaimResult(NodeBlock? Block, string? Problem);

/// <summary>
/// Claims the block of this node through the API: it creates the object, then checks whether another node claims the
/// same block. There is no central allocator, so a cluster without a network can start.
/// </summary>
/// <param name="next">Where to start the search for a free block, after conflicts with other nodes.</param>
internal sealed class BlockClaimant(
    IApiTransport transport, NodeNetworkObject own, DynoNetworkOptions options, Func<uint> next, ILogger logger)
{
    private const int MostAttempts = 20;
    private const int PageSize = 500;

    /// <summary>Finds or claims the block.</summary>
    /// <param name="inForce">The block from which pods of the node have or may get addresses; null for none.</param>
    /// <param name="podRange">The node's pod range, if blocks are taken from it.</param>
    /// <exception cref="ApiException">The API server refuses a request.</exception>
    public async Task<ClaimResult> EnsureAsync(
        AddressRange? inForce, AddressRange? podRange, CancellationToken cancellationToken)
    {
        var found = await own.FindAsync(cancellationToken);
        var claimed = found?.Spec.Block is { } text && AddressRange.TryParse(text, out var range, out _) ? range : null;
        if (inForce is not null && claimed == inForce)
        {
            return Granted(inForce);
        }

        if (inForce is not null)
        {
            return await ReclaimAsync(found, inForce, cancellationToken);
        }

        if (podRange is not null)
        {
            return claimed == podRange
                ? Granted(podRange)
                : Granted(await ReplaceAsync(found, podRange, cancellationToken));
        }

        // Claimed but never used: an earlier agent may have stopped before it checked for conflicts.
        return claimed is not null && options.Range.Contains(claimed) && claimed.PrefixLength == options.BlockPrefix
            && (await OthersAsync(claimed, cancellationToken)).Count == 0
                ? Granted(claimed)
                : await ClaimAsync(found, cancellationToken);
    }

    /// <summary>
    /// Handles pods with addresses from a block that this node's object does not name, because the object was deleted,
    /// with the Node or by hand.
    /// </summary>
    private async Task<ClaimResult> ReclaimAsync(
        NodeNetwork? found, AddressRange inForce, CancellationToken cancellationToken)
    {
        if (found?.Spec.Block is { } other)
        {
            return new ClaimResult(null,
                $"the node hands out addresses of {inForce}, and its NodeNetwork names {other}: drain the node, delete "
                + $"{Path.Combine(options.ConfigurationFolder, CniConfiguration.FileName)} and the NodeNetwork");
        }

        // Check before writing as well: this is retried repeatedly, and a claim that is then withdrawn wakes all nodes.
        if (await OthersAsync(inForce, cancellationToken) is [var taker, ..])
        {
            return Taken(inForce, taker);
        }

        await ReplaceAsync(found, inForce, cancellationToken);
        if (await OthersAsync(inForce, cancellationToken) is [var winner, ..])
        {
            await own.DeleteAsync(cancellationToken);
            return Taken(inForce, winner);
        }

        logger.LogInformation("The claim of {Block} was gone and is made again", inForce);
        return Granted(inForce);
    }

    private async Task<ClaimResult> ClaimAsync(NodeNetwork? found, CancellationToken cancellationToken)
    {
        var start = Hash(options.Node);
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var claims = await ClaimsAsync(cancellationToken);
            if (BlockClaims.Choose(
                options.Range, options.BlockPrefix, claims.Where(claim => claim.Node != options.Node), start)
                is not { } block)
            {
                return new ClaimResult(null,
                    $"every block of length {options.BlockPrefix} in {options.Range} is claimed: set dynoNetwork.range "
                    + "to a larger one, or delete NodeNetworks of nodes that are gone");
            }

            await ReplaceAsync(found, block.Range, cancellationToken);
            if ((await OthersAsync(block.Range, cancellationToken)).Count == 0)
            {
                logger.LogInformation("{Node} claimed {Block}", options.Node, block);
                return new ClaimResult(block, null);
            }

            found = await own.FindAsync(cancellationToken);
            start = next();
        }

        return new ClaimResult(null, "other nodes claimed the same blocks each time; it is tried again");
    }

    /// <summary>A claim is as old as its object, so a new claim needs a new object.</summary>
    private async Task<AddressRange> ReplaceAsync(
        NodeNetwork? found, AddressRange block, CancellationToken cancellationToken)
    {
        if (found is not null)
        {
            await own.DeleteAsync(cancellationToken);
        }

        try
        {
            await own.CreateAsync(block.ToString(), cancellationToken);
        }
        catch (ApiException e) when (e is { Code: HttpStatusCode.Conflict, Reason: "AlreadyExists" })
        {
            // The agent's own status report created it first, without a claim.
            await own.DeleteAsync(cancellationToken);
            await own.CreateAsync(block.ToString(), cancellationToken);
        }

        return block;
    }

    private async Task<IReadOnlyList<BlockClaim>> OthersAsync(
        AddressRange block, CancellationToken cancellationToken) =>
        [.. BlockClaims.Conflicts(block, options.Node, await ClaimsAsync(cancellationToken))];

    /// <summary>Reads the claims from the API server, not from a cache.</summary>
    private async Task<IReadOnlyList<BlockClaim>> ClaimsAsync(CancellationToken cancellationToken)
    {
        var claims = new List<BlockClaim>();
        await foreach (var item in transport.ListAllAsync(
            NodeNetworkObject.Kind, new ListQuery { Limit = PageSize },
            element => JsonObjects.To<NodeNetwork>(element), cancellationToken))
        {
            if (FromObject(item) is { } claim)
            {
                claims.Add(claim);
            }
        }

        return claims;
    }

    /// <summary>The claim of an object; null if it has none or it is invalid.</summary>
    public static BlockClaim? FromObject(NodeNetwork item) =>
        item.Spec.Block is { } text && AddressRange.TryParse(text, out var block, out _)
            ? new BlockClaim(
                item.Metadata.Name, block,
                new DateTimeOffset(item.Metadata.CreationTimestamp ?? DateTime.MaxValue.ToUniversalTime()),
                item.Metadata.Uid ?? "")
            : null;

    private static ClaimResult Taken(AddressRange block, BlockClaim winner) => new(null,
        $"the claim of {block} was gone, and the node {winner.Node} has taken {winner.Block} since: drain this node, "
        + "which gets another block when no pod has an address of that one");

    private static ClaimResult Granted(AddressRange range) => new(new NodeBlock(range), null);

    /// <summary>FNV-1a: deterministic and well distributed.</summary>
    private static uint Hash(string text) =>
        text.Aggregate(2166136261u, (hash, letter) => unchecked((hash ^ letter) * 16777619u));
}
