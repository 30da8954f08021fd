// Commands: commands about manifests, dev clusters and the program itself: render, reach, crds, dev, completion.

using System.CommandLine;
using Dynospace.Cli.Rendering;
using Dynospace.Cli.Terminal;
using Dynospace.Hosting.Options;
using Dynospace.Operator;
using Dynospace.Planning.Options;
using Dynospace.Reachability.Addresses;
using Microsoft.Extensions.Configuration;

namespace Dynospace.Cli.Commands;

/// <summary>The options by which commands read manifests in place of a cluster.</summary>
internal sealed class ManifestOptions
{
    private readonly Option<string[]> _files;
    private readonly Option<bool> _assumeSecrets = new("--assume-secrets")
    {
        Description = "Take Secrets that apps name and the manifests lack as being in the cluster.",
    };
    private readonly Option<string[]> _podRanges = Ranges(
        "--pod-range", "A range of pods' addresses, if no Node among the manifests has one.");
    private readonly Option<string[]> _serviceRanges = Ranges("--service-range", "A range of Services' addresses.");
    private readonly Option<string[]> _dnsAddresses = DnsAddresses();

    public ManifestOptions(string purpose, bool isRequired) =>
        _files = new Option<string[]>("--filename", "-f")
        {
            Description = purpose,
            HelpName = "FILE|DIR",
            Required = isRequired,
        };

    public IEnumerable<Option> All => [_files, _assumeSecrets, _podRanges, _serviceRanges, _dnsAddresses];

    public IReadOnlyList<string> Files(ParseResult parsed) => parsed.GetValue(_files) ?? [];

    /// <exception cref="CliException">A manifest is refused.</exception>
    public RenderSource Read(ParseResult parsed, CliEnvironment environment, PlatformOptions options)
    {
        var assumptions = new ClusterAssumptions
        {
            PodRanges = parsed.GetValue(_podRanges) ?? [],
            ServiceRanges = parsed.GetValue(_serviceRanges) ?? [],
            DnsAddresses = parsed.GetValue(_dnsAddresses) ?? [],
        };
        var input = PlatformInputReader.Read(environment, Files(parsed));
        var cluster = assumptions.Facts(input, options);
        // What a proof of enforcement would let through is what there is to see.
        var renderer = new PlatformRenderer(
            input,
            cluster,
            options with { Isolation = options.Isolation with { IsProofRequired = false } },
            parsed.GetValue(_assumeSecrets));
        return new RenderSource(input, ClusterAssumptions.PodRangesFor(cluster), renderer.Render());
    }

    private static Option<string[]> Ranges(string name, string description) => Checked(
        new Option<string[]>(name) { Description = description, HelpName = "CIDR" },
        text => AddressRange.TryParse(text, out _, out var problem) ? null : problem);

    private static Option<string[]> DnsAddresses() => Checked(
        new Option<string[]>("--dns-address")
        {
            Description = "The address of the cluster's DNS Service, where the manifests hold none.",
            HelpName = "IP",
        },
        text => AddressText.TryParse(text, out _, out var problem) ? null : problem);

    private static Option<string[]> Checked(Option<string[]> option, Func<string, string?> problemOf)
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (problemOf(token.Value) is { } problem)
                {
                    result.AddError($"{option.Name} '{token.Value}' {problem}.");
                }
            }
        });
        return option;
    }
}

/// <summary>
/// The options of the operator whose cluster is spoken of, by the names that the operator gives them.
/// </summary>
internal sealed class OperatorOptionPairs
{
    private readonly Option<string[]> _pairs = new("--operator-option")
    {
        Description =
            "An option of the operator that differs from its default, such as port=8080 or systemNamespace=dynos. May "
            + "be given more than once.",
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
            values[parts[0]] = parts.Length == 2
                ? parts[1]
                : throw new CliException($"--operator-option {pair}: write NAME=VALUE, such as port=8080.");
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

/// <summary>The options by which commands find a cluster.</summary>
public sealed class ClusterChoice(string purpose)
{
    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = $"{purpose} [default: $KUBECONFIG or ~/.kube/config]",
        HelpName = "FILE",
    };

    public Option<string?> Context { get; } = new("--context")
    {
        Description = "The context of the kubeconfig.",
        HelpName = "NAME",
    };

    public (string? Kubeconfig, string? Context) Read(ParseResult parsed, CliEnvironment environment) => (
        Given(parsed, Kubeconfig) is { } file ? environment.FullPath(file) : null,
        Given(parsed, Context));

    /// <summary>The value of an option; null also while a shell completes it.</summary>
    public static string? Given(ParseResult parsed, Option<string?> option) =>
        parsed.GetResult(option) is { Tokens.Count: > 0 } ? parsed.GetValue(option) : null;
}
