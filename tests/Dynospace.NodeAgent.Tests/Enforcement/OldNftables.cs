using Dynospace.Linux.Filtering;

namespace Dynospace.NodeAgent.Tests.Enforcement;

/// <summary>While it is old, it only lists, and refuses all changes as a syntax error.</summary>
internal sealed class OldNftables(INftables nftables, Func<bool> isOld) : INftables
{
    public string Description => "an old nftables";

    public string Run(string commands, bool json = false) =>
        isOld() && !commands.StartsWith("list ", StringComparison.Ordinal)
            ? throw new NftablesException("syntax error, unexpected iifkind")
            : nftables.Run(commands, json);

    public void Dispose() => nftables.Dispose();
}
