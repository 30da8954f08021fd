using System.Globalization;
using System.Net;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.Configuration;

namespace Dynospace.Operator;

/// <summary>
/// Reads the options from <c>--name value</c> and from <c>DYNOSPACE_NAME</c> in the environment, for which the chart has a value each.
/// A value that makes no sense ends the start: an operator that guesses would open or close networks by mistake.
/// </summary>
public static class OperatorConfiguration
{
    internal static readonly string[] Known =
    [
        "kubeconfig", "context", "port", "systemNamespace", "regionLabel", "regions", "requireRegion", "clusterRanges",
        "dnsNamespace", "nodeLocalDnsAddress", "imagePullPolicy", "runAsUser", "requireEnforcement",
        "enforcementInterval", "canaryImage", "baseDomain", "leaderElection", "identity", "healthPort", .. RouterConfiguration.Known,
    ];

    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(7);

    private static readonly Dictionary<char, TimeSpan> Units = new()
    {
        ['s'] = TimeSpan.FromSeconds(1),
        ['m'] = TimeSpan.FromMinutes(1),
        ['h'] = TimeSpan.FromHours(1),
    };

    /// <summary>The options of a process.</summary>
    /// <exception cref="OperatorConfigurationException">An option is unknown or its value cannot be.</exception>
    public static OperatorOptions Read(IConfiguration configuration)
    {
        var platform = ReadPlatform(configuration);
        return new OperatorOptions
        {
            Client = Client(configuration["kubeconfig"], configuration["context"]),
            Platform = platform,
            LeaderElection = Switch(configuration, "leaderElection", fallback: KubernetesClientConfiguration.IsInCluster()),
            Identity = configuration["identity"] ?? $"{Environment.MachineName}-{Environment.ProcessId}",
            HealthPort = Port(configuration, "healthPort") ?? 8080,
        };
    }

    /// <summary>What the configuration would pass over in silence: a word that belongs to no option, an option without a value.</summary>
    /// <exception cref="OperatorConfigurationException">An argument is neither <c>--name value</c> nor <c>--name=value</c>.</exception>
    public static void RefuseMalformed(IReadOnlyList<string> arguments)
    {
        if (CommandLineArguments.FirstMalformed(arguments) is { } malformed)
        {
            throw new OperatorConfigurationException($"{malformed}; there are {string.Join(", ", Known)}.");
        }
    }

    /// <summary>Only what is decided for the platform, for tools that plan without a cluster.</summary>
    /// <exception cref="OperatorConfigurationException">An option is unknown or its value cannot be.</exception>
    public static PlatformOptions ReadPlatform(IConfiguration configuration)
    {
        RefuseUnknown(configuration);
        var platform = Platform(configuration);
        string[] mistakes = [.. platform.Validate(), .. GatewayCatalog.Validate(platform.Router)];
        return mistakes.Length > 0
            ? throw new OperatorConfigurationException(string.Join(Environment.NewLine, mistakes))
            : platform;
    }

    private static PlatformOptions Platform(IConfiguration configuration)
    {
        var defaults = new PlatformOptions();
        return defaults with
        {
            Cluster = defaults.Cluster with
            {
                SystemNamespace = configuration["systemNamespace"] ?? defaults.Cluster.SystemNamespace,
                Ranges = Ranges(configuration, "clusterRanges"),
            },
            Regions = defaults.Regions with
            {
                Label = configuration["regionLabel"] ?? defaults.Regions.Label,
                Values = Pairs(configuration, "regions"),
                IsRequired = Switch(configuration, "requireRegion", defaults.Regions.IsRequired),
            },
            Dns = defaults.Dns with
            {
                Namespace = configuration["dnsNamespace"] ?? defaults.Dns.Namespace,
                NodeLocalAddress = Address(configuration, "nodeLocalDnsAddress", defaults.Dns.NodeLocalAddress),
            },
            Dynos = defaults.Dynos with
            {
                Port = Port(configuration, "port") ?? defaults.Dynos.Port,
                ImagePullPolicy = configuration["imagePullPolicy"] ?? defaults.Dynos.ImagePullPolicy,
                RunAsUser = User(configuration, "runAsUser", defaults.Dynos.RunAsUser),
            },
            Router = RouterConfiguration.Read(configuration),
            Isolation = defaults.Isolation with
            {
                TrialInterval = Interval(configuration, "enforcementInterval", defaults.Isolation.TrialInterval),
                CanaryImage = configuration["canaryImage"] ?? defaults.Isolation.CanaryImage,
                IsProofRequired = Switch(configuration, "requireEnforcement", defaults.Isolation.IsProofRequired),
            },
        };
    }

    private static KubernetesClientConfiguration Client(string? kubeconfig, string? context)
    {
        try
        {
            return kubeconfig is null && KubernetesClientConfiguration.IsInCluster()
                ? KubernetesClientConfiguration.InClusterConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig, context);
        }
        catch (Exception e) when (e is KubeConfigException or IOException)
        {
            throw new OperatorConfigurationException($"kubeconfig: {e.Message} Give --kubeconfig FILE, or run in a cluster.");
        }
    }

    private static void RefuseUnknown(IConfiguration configuration)
    {
        foreach (var given in configuration.GetChildren())
        {
            if (!Known.Contains(given.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw new OperatorConfigurationException($"{given.Key}: no such option; there are {string.Join(", ", Known)}.");
            }
        }
    }

    private static int? Port(IConfiguration configuration, string name) => configuration[name] switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue => port,
        var text => throw new OperatorConfigurationException($"{name}: '{text}' is no port; give a number from 1 to 65535."),
    };

    private static long? User(IConfiguration configuration, string name, long? fallback) => configuration[name] switch
    {
        null => fallback,
        "image" => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var user) => user,
        var text => throw new OperatorConfigurationException($"{name}: '{text}' is no user id; give a number from 1, or image to leave it to the image."),
    };

    private static bool Switch(IConfiguration configuration, string name, bool fallback) => configuration[name] switch
    {
        null => fallback,
        var text when bool.TryParse(text, out var value) => value,
        var text => throw new OperatorConfigurationException($"{name}: '{text}' is neither true nor false."),
    };

    private static TimeSpan? Interval(IConfiguration configuration, string name, TimeSpan? fallback) => configuration[name] switch
    {
        null => fallback,
        "never" => null,
        { Length: > 1 } text when Units.TryGetValue(text[^1], out var unit)
            && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= LongestInterval / unit => number * unit,
        var text => throw new OperatorConfigurationException($"{name}: '{text}' is no time up to a week; give one such as 15m or 1h, or never."),
    };

    /// <summary>An empty text says that there is none.</summary>
    private static string? Address(IConfiguration configuration, string name, string? fallback) => configuration[name] switch
    {
        null => fallback,
        "" => null,
        var text when IPAddress.TryParse(text, out _) => text,
        var text => throw new OperatorConfigurationException($"{name}: '{text}' is no IP address; give one such as 169.254.20.10, or nothing."),
    };

    internal static string[] Ranges(IConfiguration configuration, string name)
    {
        var ranges = List(configuration[name]);
        return ranges.FirstOrDefault(range => !IPNetwork.TryParse(range, out _)) is { } wrong
            ? throw new OperatorConfigurationException($"{name}: '{wrong}' is no CIDR range; give them as 10.0.0.0/8,2001:db8::/32.")
            : ranges;
    }

    internal static Dictionary<string, string> Pairs(IConfiguration configuration, string name)
    {
        var pairs = List(configuration[name]).Select(pair => (Text: pair, Parts: pair.Split('=', 2))).ToList();
        return pairs.FirstOrDefault(pair => pair.Parts.Length != 2).Text is { } wrong
            ? throw new OperatorConfigurationException($"{name}: '{wrong}' is no pair; give them as oregon=us-west-2,virginia=us-east-1.")
            : pairs.ToDictionary(pair => pair.Parts[0], pair => pair.Parts[1], StringComparer.Ordinal);
    }

    private static string[] List(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
