namespace Dynospace.Planning.Components;

/// <summary>Names of components that contain the name of a space.</summary>
public static class ComponentName
{
    /// <summary>The maximum length of a label, which every name here must fit.</summary>
    private const int Longest = 63;

    private const int SuffixLength = 8;

    /// <summary>
    /// A name that is too long is cut and gets a hash of the whole, so that two long names stay distinct.
    /// </summary>
    public static string Shortened(string name) =>
        name.Length <= Longest
            ? name
            : $"{name[..(Longest - SuffixLength - 1)].TrimEnd('-')}-"
                + $"{new StableHash().Add(name).ToNameSuffix(SuffixLength)}";
}
