using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Routing;

/// <summary>Finds what the platform team wrote wrongly about routers.</summary>
internal static class RouterOptionsValidation
{
    private const int MostReplicas = 16;
    private static readonly TimeSpan LongestDrain = TimeSpan.FromHours(1);

    public static IEnumerable<string> Validate(RouterOptions options)
    {
        foreach (var mistake in GatewayOptionsValidation.Validate(options))
        {
            yield return mistake;
        }

        if (string.IsNullOrWhiteSpace(options.Image))
        {
            yield return "routerImage is empty: name the router's image, or leave the option out for the default.";
        }

        if (options.SharedReplicas is < 1 or > MostReplicas)
        {
            yield return $"sharedRouterReplicas {options.SharedReplicas} is out of range: give a number from 1 to {MostReplicas}.";
        }

        if (options.Drain < TimeSpan.FromSeconds(1) || options.Drain > LongestDrain)
        {
            yield return $"routerDrainSeconds {options.Drain.TotalSeconds} is out of range: give a number from 1 to 3600.";
        }

        foreach (var range in options.ProxyProtocolFrom.Where(range => !AddressBlock.TryParse(range, out _)))
        {
            yield return $"proxyProtocolFrom \"{range}\" is no address range: write one such as 10.9.0.0/16.";
        }

        if (options.DefaultCertificate is { } certificate && (certificate.Split('/') is not [var ns, var name] || !HostName.IsValid(ns) || !HostName.IsValid(name)))
        {
            yield return $"routerCertificate \"{certificate}\" names no Secret: give namespace/name.";
        }
    }
}
