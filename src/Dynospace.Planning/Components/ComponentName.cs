namespace Dynospace.Planning.Components;

/// <summary>Names of components that contain the name of a space.</summary>
public static class ComponentName
{
    /// <summary>What a label, and with it every name here, may be long.</summary>
    private const int Longest = 63;

    private const int SuffixLength = 8;

    /// <summary>What is cut off comes back as a hash, so that two long names stay two.</summary>
    public static string Shortened(string name) =>
        name.Length <= Longest
            ? name
            : $"{name[..(Longest - SuffixLength - 1)].TrimEnd('-')}-"
                + $"{new StableHash().Add(name).ToNameSuffix(SuffixLength)}";
}
