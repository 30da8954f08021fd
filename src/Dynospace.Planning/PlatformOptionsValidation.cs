using Dynospace.Planning.Addresses;
using Dynospace.Planning.Routing;

namespace Dynospace.Planning;

/// <summary>Finds what the platform team wrote wrongly, so that the operator can refuse to start instead of failing at each plan.</summary>
public static class PlatformOptionsValidation
{
    private const int LargestPort = 65535;

    /// <summary>An app's name, a space's name and two dots go before it, in 253 characters.</summary>
    private const int LongestBaseDomain = 253 - 30 - 63 - 2;


    /// <summary>A trial takes up to some minutes.</summary>
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1);
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    /// <summary>One sentence for each mistake: option, value and remedy. Empty when all is well.</summary>
    public static IReadOnlyList<string> Validate(PlatformOptions options) =>
    [
        .. Ports(options),
        .. Addresses(options),
        .. Names(options),
        .. Durations(options),
        .. Users(options),
        .. RouterOptionsValidation.Validate(options.Router),
        .. Trials(options),
    ];

    private static IEnumerable<string> Trials(PlatformOptions options)
    {
        if (options.EnforcementInterval < ShortestInterval)
        {
            yield return $"{nameof(options.EnforcementInterval)} {options.EnforcementInterval} is too short: give at least {ShortestInterval}, or never.";
        }

        if (options is { EnforcementInterval: null, RequireEnforcement: true })
        {
            yield return $"{nameof(options.RequireEnforcement)} without trials would stop every dyno: give {nameof(options.EnforcementInterval)} a time.";
        }
    }

    private static IEnumerable<string> Users(PlatformOptions options) => options.RunAsUser is <= 0
        ? [$"{nameof(options.RunAsUser)} {options.RunAsUser} is root or no user: give a number from 1, or leave it to the image."]
        : [];

    private static IEnumerable<string> Ports(PlatformOptions options) =>
        options.DnsPorts.Select(port => (Name: nameof(options.DnsPorts), Port: port)).Prepend((Name: nameof(options.Port), options.Port))
            .Where(option => option.Port is < 1 or > LargestPort)
            .Select(option => $"{option.Name} {option.Port} is no port: give a number from 1 to {LargestPort}.");

    private static IEnumerable<string> Addresses(PlatformOptions options)
    {
        foreach (var range in options.ClusterRanges.Where(range => !AddressBlock.TryParse(range, out _)))
        {
            yield return $"{nameof(options.ClusterRanges)} \"{range}\" is no address range: write an address or a CIDR range such as 10.0.0.0/8.";
        }

        foreach (var (name, address) in new[]
        {
            (nameof(options.GateAddress), options.GateAddress),
            (nameof(options.NodeLocalDnsAddress), options.NodeLocalDnsAddress),
        })
        {
            if (address is not null && (address.Contains('/', StringComparison.Ordinal) || !AddressBlock.TryParse(address, out _)))
            {
                yield return $"{name} \"{address}\" is no address: write one such as 169.254.77.77.";
            }
        }
    }

    private static IEnumerable<string> Names(PlatformOptions options)
    {
        foreach (var (name, value) in new[]
        {
            (nameof(options.SystemNamespace), options.SystemNamespace),
            (nameof(options.DnsNamespace), options.DnsNamespace),
            (nameof(options.RegionLabel), options.RegionLabel),
            (nameof(options.CanaryImage), options.CanaryImage),
        })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                yield return $"{name} is empty: name it, or leave the option out for the default.";
            }
        }

        if (!HostName.IsValid(options.BaseDomain) || options.BaseDomain.Length > LongestBaseDomain)
        {
            yield return $"{nameof(options.BaseDomain)} \"{options.BaseDomain}\" is no base domain: give a lower-case host name of at most {LongestBaseDomain} characters such as apps.example.com.";
        }

        if (options.DnsPodLabels.Count == 0)
        {
            yield return $"{nameof(options.DnsPodLabels)} is empty and would select every pod of {options.DnsNamespace}: give the labels of the DNS pods.";
        }

        if (!PullPolicies.Contains(options.ImagePullPolicy))
        {
            yield return $"{nameof(options.ImagePullPolicy)} {options.ImagePullPolicy} is unknown: use one of {string.Join(", ", PullPolicies)}.";
        }
    }

    private static IEnumerable<string> Durations(PlatformOptions options)
    {
        foreach (var (name, value) in new[]
        {
            (nameof(options.BootTimeout), options.BootTimeout),
            (nameof(options.ShutdownTimeout), options.ShutdownTimeout),
            (nameof(options.ReleasePhaseTimeout), options.ReleasePhaseTimeout),
            (nameof(options.RecheckInterval), options.RecheckInterval),
        })
        {
            if (value < TimeSpan.FromSeconds(1))
            {
                yield return $"{name} {value} is too short: give at least one second.";
            }
        }

        if (options.ReleaseHistory < 1)
        {
            yield return $"{nameof(options.ReleaseHistory)} {options.ReleaseHistory} is too small: keep at least one release.";
        }
    }
}
