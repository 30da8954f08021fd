using System.Globalization;
using System.Text.RegularExpressions;

namespace DevCluster.ApiServer.Catalog;

/// <summary>
/// The order in which Kubernetes prefers versions: v2, v1, v1beta2, v1beta1, v1alpha1, then the rest by name.
/// </summary>
internal static partial class VersionPriority
{
    public static IComparer<string> Comparer { get; } = Comparer<string>.Create(Compare);

    private static int Compare(string? left, string? right)
    {
        var (leftRank, rightRank) = (Rank(left!), Rank(right!));
        var byRank = rightRank.CompareTo(leftRank);
        return byRank != 0 ? byRank : string.CompareOrdinal(left, right);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        var match = Pattern().Match(version);
        if (!match.Success)
        {
            return (0, 0, 0);
        }

        var stability = match.Groups[2].Value switch { "" => 3, "beta" => 2, _ => 1 };
        return (stability, Number(match.Groups[1].Value), Number(match.Groups[3].Value));
    }

    private static int Number(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"\Av([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?\z")]
    private static partial Regex Pattern();
}
