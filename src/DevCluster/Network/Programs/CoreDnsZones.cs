using System.Globalization;
using System.Text.RegularExpressions;

namespace DevCluster.Network.Programs;

/// <summary>
/// Pure: resolves a name by a Corefile, as far as the stand-in supports it: the block with the longest matching zone,
/// <c>rewrite name regex</c>, and <c>template</c> for names that do not exist. Other names are looked up among the
/// cluster's names.
/// </summary>
internal sealed partial class CoreDnsZones
{
    private const int DefaultPort = 53;

    private readonly List<Block> _blocks = [];

    private CoreDnsZones()
    {
    }

    /// <summary>The port from the Corefile.</summary>
    public int Port { get; private set; } = DefaultPort;

    public static CoreDnsZones Parse(string corefile)
    {
        var zones = new CoreDnsZones();
        var depth = 0;
        foreach (var line in corefile.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith('#')))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (depth == 0 && words is [.., "{"])
            {
                zones.Open(words[..^1]);
            }
            else if (words is ["rewrite", _, "name", "regex", var from, var to, ..])
            {
                zones._blocks[^1].Rewrites.Add((new Regex(from), Placeholder().Replace(to, "$${$1}")));
            }
            else if (words is ["template", ..])
            {
                zones._blocks[^1] = zones._blocks[^1] with { HasTemplate = true };
            }

            depth += words is [.., "{"] ? 1 : words is ["}"] ? -1 : 0;
        }

        return zones;
    }

    /// <summary>The name to look up, without the trailing dot; null if it does not exist.</summary>
    public string? Resolve(string name)
    {
        var full = name.ToLowerInvariant().TrimEnd('.') + ".";
        var block = _blocks.OrderByDescending(block => block.LengthFor(full))
            .FirstOrDefault(block => block.LengthFor(full) > 0);
        if (block is null)
        {
            return null;
        }

        foreach (var (from, to) in block.Rewrites)
        {
            if (from.Match(full) is { Success: true } match)
            {
                return match.Result(to).TrimEnd('.');
            }
        }

        return block.HasTemplate ? null : full.TrimEnd('.');
    }

    [GeneratedRegex(@"\{(\d+)\}")]
    private static partial Regex Placeholder();

    private void Open(IReadOnlyList<string> headers)
    {
        var zones = new List<string>();
        foreach (var header in headers)
        {
            var at = header.LastIndexOf(':');
            zones.Add((at < 0 ? header : header[..at]).TrimEnd('.') + ".");
            Port = at < 0 ? Port : int.Parse(header[(at + 1)..], CultureInfo.InvariantCulture);
        }

        _blocks.Add(new Block(zones, []));
    }

    private sealed record Block(IReadOnlyList<string> Zones, List<(Regex From, string To)> Rewrites)
    {
        public bool HasTemplate { get; init; }

        /// <summary>The length of the longest matching zone; 0 if none matches.</summary>
        public int LengthFor(string name) => Zones
            .Where(zone => zone == "." || name == zone || name.EndsWith("." + zone, StringComparison.Ordinal))
            .Select(zone => zone.Length)
            .DefaultIfEmpty()
            .Max();
    }
}
