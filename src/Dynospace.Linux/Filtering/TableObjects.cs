using System.Text;
using System.Text.Json;

namespace Dynospace.Linux.Filtering;

/// <summary>
/// The objects of a table, by which it is replaced in place. A table that is deleted and made anew in one transaction
/// is not seamless: a packet that is passing a hook finds the old chain empty and does not see the new one. So chains
/// at hooks stay, and only their rules change.
/// </summary>
/// <param name="Table">The family and the name.</param>
/// <param name="BaseChains">The chains at hooks.</param>
/// <param name="Chains">The other chains.</param>
/// <param name="Sets">The sets and maps, each with its kind: <c>set</c> or <c>map</c>.</param>
public sealed record TableObjects(
    string Table, IReadOnlyList<string> BaseChains, IReadOnlyList<string> Chains,
    IReadOnlyList<(string Kind, string Name)> Sets)
{
    /// <summary>The objects of the table in the kernel; null if there is none.</summary>
    /// <param name="table">The family and the name.</param>
    /// <exception cref="NftablesException">It cannot be listed.</exception>
    public static TableObjects? List(INftables nftables, string table)
    {
        try
        {
            using var document = JsonDocument.Parse(nftables.Run($"list table {table}", json: true));
            var items = document.RootElement.GetProperty("nftables").EnumerateArray()
                .SelectMany(item => item.EnumerateObject())
                .ToLookup(item => item.Name, item => item.Value);
            var chains = items["chain"].ToLookup(chain => chain.TryGetProperty("hook", out _), Name);
            return new TableObjects(
                table, [.. chains[true]], [.. chains[false]],
                [
                    .. items["set"].Select(set => ("set", Name(set))),
                    .. items["map"].Select(map => ("map", Name(map))),
                ]);
        }
        catch (NftablesException e) when (e.IsMissing)
        {
            return null;
        }

        static string Name(JsonElement item) => item.GetProperty("name").GetString()!;
    }

    /// <summary>The commands that replace the table's content in one transaction; counters stay.</summary>
    /// <param name="definition">The complete new table: <c>table FAMILY NAME { ... }</c>.</param>
    public string ReplacedBy(string definition)
    {
        var text = new StringBuilder("flush table ").Append(Table).Append('\n');
        foreach (var (kind, name) in Sets)
        {
            text.Append("delete ").Append(kind).Append(' ').Append(Table).Append(' ').Append(name).Append('\n');
        }

        var unused = BaseChains.Where(chain => !definition.Contains($"chain {chain} {{", StringComparison.Ordinal));
        foreach (var chain in Chains.Concat(unused))
        {
            text.Append("delete chain ").Append(Table).Append(' ').Append(chain).Append('\n');
        }

        return text.Append(definition).ToString();
    }
}
