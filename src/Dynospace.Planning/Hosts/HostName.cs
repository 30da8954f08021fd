namespace Dynospace.Planning.Hosts;

/// <summary>What a host name looks like in a route.</summary>
internal static class HostName
{
    private const int LongestLabel = 63;

    /// <summary>Lower-case labels of letters, digits and inner hyphens, separated by dots.</summary>
    public static bool IsValid(string host) => host.Split('.').All(IsLabel);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label[0] != '-' && label[^1] != '-'
        && label.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
