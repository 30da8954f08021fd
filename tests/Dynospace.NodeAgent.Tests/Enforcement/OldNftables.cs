using Dynospace.Linux.Filtering;

namespace Dynospace.NodeAgent.Tests.Enforcement;

/// <summary>Lists what stands, and understands no rule of today.</summary>
internal sealed class OldNftables(INftables nftables, Func<bool> isOld) : INftables
{
    public string Description => "nftables of long ago";

    public string Run(string commands, bool json = false) =>
        isOld() && !commands.StartsWith("list ", StringComparison.Ordinal)
            ? throw new NftablesException("syntax error, unexpected iifkind")
            : nftables.Run(commands, json);

    public void Dispose() => nftables.Dispose();
}
