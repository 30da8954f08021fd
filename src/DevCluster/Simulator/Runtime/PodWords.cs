using System.Text.RegularExpressions;

namespace DevCluster.Simulator.Runtime;

/// <summary>Expands <c>$(NAME)</c> as the kubelet does, in values, commands and arguments.</summary>
public static partial class PodWords
{
    /// <summary>
    /// Expands variables in a text; unknown references stay, and <c>$$</c> is an escaped dollar sign.
    /// </summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        return Reference().Replace(text, match => match.Value == "$$"
            ? "$"
            : variables.GetValueOrDefault(match.Groups[1].Value) ?? match.Value);
    }

    [GeneratedRegex(@"\$\$|\$\(([^)]*)\)")]
    private static partial Regex Reference();
}
