using System.Text.RegularExpressions;

namespace DevCluster.Simulator.Runtime;

/// <summary>Expands <c>$(NAME)</c> as the kubelet does, in values, commands and arguments.</summary>
public static partial class PodWords
{
    /// <summary>A text with its variables; what is unknown stays, and <c>$$</c> is one dollar sign.</summary>
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
