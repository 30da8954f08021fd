using System.Net;
using System.Net.Sockets;

namespace DevCluster.Schema.Cel;

/// <summary>An IP address. Zones, IPv4 inside IPv6 and leading zeros are refused, as Kubernetes refuses them.</summary>
internal sealed record CelIp(IPAddress Address)
{
    public long Family => Address.AddressFamily == AddressFamily.InterNetwork ? 4 : 6;

    public bool IsUnspecified => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    public bool IsLinkLocalMulticast =>
        Bytes is [224, 0, 0, _] || (Family == 6 && Bytes[0] == 0xff && (Bytes[1] & 0x0f) == 2);

    public bool IsLinkLocalUnicast => Bytes is [169, 254, _, _] || (Family == 6 && Address.IsIPv6LinkLocal);

    public bool IsGlobalUnicast =>
        !IsUnspecified && !IsLoopback && !IsLinkLocalUnicast && !Address.Equals(IPAddress.Broadcast)
        && !(Family == 4 ? Bytes[0] is >= 224 and <= 239 : Address.IsIPv6Multicast);

    public byte[] Bytes => Address.GetAddressBytes();

    public static bool TryParse(string text, out CelIp ip, out string problem)
    {
        ip = new CelIp(IPAddress.Any);
        problem = Problem(text) ?? "";
        if (problem.Length > 0)
        {
            problem = text.Contains('%', StringComparison.Ordinal)
                ? $"IP address \"{text}\" with zone value is not allowed"
                : $"IP Address \"{text}\" parse error during conversion from string: ParseAddr(\"{text}\"): {problem}";
            return false;
        }

        ip = new CelIp(IPAddress.Parse(text));
        if (ip.Address.IsIPv4MappedToIPv6)
        {
            problem = $"IPv4-mapped IPv6 address \"{text}\" is not allowed";
            return false;
        }

        return true;
    }

    public override string ToString() => Address.ToString();

    private static string? Problem(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return text.Contains('%', StringComparison.Ordinal) ? "zones not allowed"
                : text.All(character => char.IsAsciiHexDigit(character) || character is ':' or '.')
                    && IPAddress.TryParse(text, out _)
                    && HasStrictTail(text) ? null
                : "unable to parse IP";
        }

        return !text.Contains('.', StringComparison.Ordinal) ? "unable to parse IP" : FourProblem(text);
    }

    private static bool HasStrictTail(string text) =>
        !text.Contains('.', StringComparison.Ordinal) || FourProblem(text[(text.LastIndexOf(':') + 1)..]) is null;

    private static string? FourProblem(string text)
    {
        var fields = text.Split('.');
        return fields.Any(field => field.Any(character => !char.IsAsciiDigit(character))) ? "unexpected character"
            : fields.Any(field => field.Length == 0) ? "IPv4 field must have at least one digit"
            : fields.Any(field => field.Length > 1 && field[0] == '0') ? "IPv4 field has octet with leading zero"
            : fields.Any(field => field.Length > 3
                || int.Parse(field, System.Globalization.CultureInfo.InvariantCulture) > 255)
                    ? "IPv4 field has value >255"
                : fields.Length < 4 ? "IPv4 address too short"
                : fields.Length > 4 ? "IPv4 address too long"
                : null;
    }
}
