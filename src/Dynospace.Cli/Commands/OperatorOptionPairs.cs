using System.CommandLine;
using Dynospace.Hosting.Options;
using Dynospace.Operator;
using Dynospace.Planning.Options;
using Microsoft.Extensions.Configuration;

namespace Dynospace.Cli.Commands;

/// <summary>The options of the operator whose cluster is spoken of, by the names that the operator gives them.</summary>
internal sealed class OperatorOptionPairs
{
    private readonly Option<string[]> _pairs = new("--operator-option")
    {
        Description = "An option of the operator that differs from its default, such as port=8080 or systemNamespace=dynos. May be given more than once.",
        HelpName = "NAME=VALUE",
    };

    public Option Option => _pairs;

    /// <exception cref="CliException">An option is unknown or its value cannot be.</exception>
    public PlatformOptions Read(ParseResult parsed)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in parsed.GetValue(_pairs) ?? [])
        {
            var parts = pair.Split('=', 2);
            values[parts[0]] = parts.Length == 2 ? parts[1] : throw new CliException($"--operator-option {pair}: write NAME=VALUE, such as port=8080.");
        }

        try
        {
            return OperatorConfiguration.ReadPlatform(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        }
        catch (OptionException e)
        {
            throw new CliException($"--operator-option {e.Message}", e);
        }
    }
}
