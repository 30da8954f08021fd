using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Dynospace.Router.Cluster;
using Dynospace.Runtime;
using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.Configuration;

namespace Dynospace.Router.Hosting;

/// <summary>
/// Reads the options from <c>--name value</c> and from <c>DYNOSPACE_ROUTER_NAME</c> in the environment. A value that makes no sense ends the
/// start: a router that guesses would let in whom it must not.
/// </summary>
public static partial class RouterConfiguration
{
    private static readonly string[] Known =
    [
        "kubeconfig", "context", "listener", "space", "httpPort", "httpsPort", "publicHttpPort", "publicHttpsPort", "healthPort", "baseDomain",
        "defaultCertificate", "proxyProtocolFrom", "drainSeconds", "drainLeadSeconds", "port",
    ];

    /// <summary>The options of a process.</summary>
    /// <exception cref="RouterConfigurationException">An option is unknown or its value cannot be.</exception>
    public static RouterOptions Read(IConfiguration configuration) =>
        ReadServing(configuration, Client(configuration["kubeconfig"], configuration["context"]));

    /// <summary>All options but those of the API server, which the caller knows better.</summary>
    /// <exception cref="RouterConfigurationException">An option is unknown or its value cannot be.</exception>
    public static RouterOptions ReadServing(IConfiguration configuration, KubernetesClientConfiguration client)
    {
        RefuseUnknown(configuration);
        var defaults = new RouterOptions { Client = client };
        return defaults with
        {
            Scope = new RouterScope(Listener(configuration["listener"]), Space(configuration["space"])),
            HttpPort = Port(configuration, "httpPort") ?? defaults.HttpPort,
            HttpsPort = Port(configuration, "httpsPort") ?? defaults.HttpsPort,
            PublicHttpPort = Port(configuration, "publicHttpPort") ?? defaults.PublicHttpPort,
            PublicHttpsPort = Port(configuration, "publicHttpsPort") ?? defaults.PublicHttpsPort,
            HealthPort = Port(configuration, "healthPort") ?? defaults.HealthPort,
            BaseDomain = Domain(configuration["baseDomain"]) ?? defaults.BaseDomain,
            DefaultCertificate = Secret(configuration["defaultCertificate"]),
            ProxyProtocolFrom = Ranges(configuration, "proxyProtocolFrom"),
            Drain = Seconds(configuration, "drainSeconds") ?? defaults.Drain,
            DrainLead = Seconds(configuration, "drainLeadSeconds") ?? defaults.DrainLead,
            Port = Port(configuration, "port") ?? defaults.Port,
        };
    }

    /// <summary>What the configuration would pass over in silence: a word that belongs to no option, an option without a value.</summary>
    /// <exception cref="RouterConfigurationException">An argument is neither <c>--name value</c> nor <c>--name=value</c>.</exception>
    public static void RefuseMalformed(IReadOnlyList<string> arguments)
    {
        if (CommandLineArguments.FirstMalformed(arguments) is { } malformed)
        {
            throw new RouterConfigurationException($"{malformed}; there are {string.Join(", ", Known)}.");
        }
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex HostName { get; }

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
            throw new RouterConfigurationException($"kubeconfig: {e.Message} Give --kubeconfig FILE, or run in a cluster.");
        }
    }

    private static void RefuseUnknown(IConfiguration configuration)
    {
        foreach (var given in configuration.GetChildren())
        {
            if (!Known.Contains(given.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw new RouterConfigurationException($"{given.Key}: no such option; there are {string.Join(", ", Known)}.");
            }
        }
    }

    private static ListenerKind Listener(string? text) => text?.ToLowerInvariant() switch
    {
        null or "public" => ListenerKind.Public,
        "internal" => ListenerKind.Internal,
        _ => throw new RouterConfigurationException($"listener: '{text}' is no listener; give public or internal."),
    };

    private static string? Space(string? text) => text switch
    {
        null or "" => null,
        _ when HostName.IsMatch(text) && !text.Contains('.', StringComparison.Ordinal) => text,
        _ => throw new RouterConfigurationException($"space: '{text}' is no name of a Space; leave it out for the router of all Common spaces."),
    };

    private static string? Domain(string? text) => text is null || (text.Length <= 190 && HostName.IsMatch(text))
        ? text
        : throw new RouterConfigurationException($"baseDomain: '{text}' is no lower-case host name; give one such as apps.example.com.");

    private static ObjectKey? Secret(string? text) => text switch
    {
        null or "" => null,
        _ when ObjectKey.TryParse(text, out var key) && key.Namespace is not null => key,
        _ => throw new RouterConfigurationException($"defaultCertificate: '{text}' names no Secret; give namespace/name."),
    };

    private static int? Port(IConfiguration configuration, string name) => configuration[name] switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue => port,
        var text => throw new RouterConfigurationException($"{name}: '{text}' is no port; give a number from 1 to 65535."),
    };

    private static TimeSpan? Seconds(IConfiguration configuration, string name) => configuration[name] switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 3600 => TimeSpan.FromSeconds(seconds),
        var text => throw new RouterConfigurationException($"{name}: '{text}' is no time; give a number of seconds from 0 to 3600."),
    };

    private static string[] Ranges(IConfiguration configuration, string name)
    {
        var ranges = configuration[name]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return ranges.FirstOrDefault(range => !IPNetwork.TryParse(range, out _)) is { } wrong
            ? throw new RouterConfigurationException($"{name}: '{wrong}' is no CIDR range; give them as 10.0.0.0/8,2001:db8::/32.")
            : ranges;
    }
}
