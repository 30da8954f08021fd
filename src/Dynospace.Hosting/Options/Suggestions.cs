namespace Dynospace.Hosting.Options;

/// <summary>The known words that a misspelt one probably stands for.</summary>
public static class Suggestions
{
    private const int Most = 2;

    /// <summary>The nearest known words, nearest first; empty when none is near.</summary>
    public static IReadOnlyList<string> For(string word, IEnumerable<string> known) =>
    [
        .. known.Select(name => (Name: name, Distance: Distance(word.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(near => near.Distance <= Math.Max(1, near.Name.Length / 4))
            .OrderBy(near => near.Distance)
            .Take(Most)
            .Select(near => near.Name),
    ];

    /// <summary>The letters to insert, remove, replace or swap with their neighbour.</summary>
    private static int Distance(string from, string to)
    {
        var costs = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                costs[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(
                        Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1,
                        costs[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
                }
            }
        }

        return costs[from.Length, to.Length];
    }
}
