using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Options;

/// <summary>Checks that several subjects share. Each yields a sentence if the value is wrong.</summary>
internal static class OptionChecks
{
    public const int LargestPort = 65535;

    private static readonly AddressBlock[] EveryAddress =
        [AddressBlock.Parse("0.0.0.0/0"), AddressBlock.Parse("::/0")];

    public static IEnumerable<string> Port(string option, int value) => value is < 1 or > LargestPort
        ? [$"{option} {value} is not a valid port: use 1 to {LargestPort}."]
        : [];

    public static IEnumerable<string> NotEmpty(string option, string? value) => string.IsNullOrWhiteSpace(value)
        ? [$"{option} is empty: give a value, or leave the option out for the default."]
        : [];

    public static IEnumerable<string> Address(string option, string? value) =>
        value is not null && (value.Contains('/', StringComparison.Ordinal) || !AddressBlock.TryParse(value, out _))
            ? [$"{option} \"{value}\" is not an IP address: use one such as 169.254.77.77."]
            : [];

    public static IEnumerable<string> Ranges(string option, IEnumerable<string> values) => values
        .Where(range => !AddressBlock.TryParse(range, out _))
        .Select(
            range =>
                $"{option} \"{range}\" is not an address range: use an address or a CIDR range such as 10.0.0.0/8.");

    /// <summary>
    /// If any address counted as a proxy, every client could state its own address and bypass trusted ranges.
    /// </summary>
    public static IEnumerable<string> NotTheInternet(string option, IReadOnlyCollection<string> values)
    {
        var ranges = AddressSet.Covering(
            values.Where(text => AddressBlock.TryParse(text, out _)).Select(AddressBlock.Parse));
        return EveryAddress.Where(family => ranges.FirstCover(family) is not null).Select(
            family => $"{option} {string.Join(',', values)} holds all of {family}, so that any client could state an "
                + "address of its choice: name the load balancers' own addresses.");
    }

    public static IEnumerable<string> AtLeastOneSecond(string option, TimeSpan value) => value < TimeSpan.FromSeconds(1)
        ? [$"{option} {value} is too short: use at least one second."]
        : [];
}
