using System.Security.Cryptography;

namespace DevCluster.Schema.Names;

/// <summary><c>generateName</c>: five characters that make no words, on at most 58 of the prefix.</summary>
internal static class NameGenerator
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int RandomLength = 5;
    private const int MaximumPrefix = 63 - RandomLength;

    public static string Generate(string prefix) =>
        (prefix.Length > MaximumPrefix ? prefix[..MaximumPrefix] : prefix)
        + RandomNumberGenerator.GetString(Alphabet, RandomLength);
}
