namespace Dynospace.Runtime;

/// <summary>Finds what a program would otherwise pass over: readers of configurations ignore what they cannot read.</summary>
public static class CommandLineArguments
{
    /// <summary>What is wrong with the first argument that is neither <c>--name value</c> nor <c>--name=value</c>; null when none is.</summary>
    public static string? FirstMalformed(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal) || argument.Length == 2 || argument[2] == '=')
            {
                return $"{argument}: no option; give options as --name value";
            }

            if (argument.Contains('=', StringComparison.Ordinal))
            {
                continue;
            }

            if (++i == arguments.Count || arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                return $"{argument[2..]}: no value is given; write {argument} value";
            }
        }

        return null;
    }
}
