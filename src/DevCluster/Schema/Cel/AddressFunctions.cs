using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DevCluster.Schema.Cel;

/// <summary>The IP address and CIDR libraries.</summary>
internal static class AddressFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        AddAddresses(table);
        AddCidrs(table);
    }

    private static void AddAddresses(CelFunctionTable table)
    {
        table.Global("ip", "string", "ip", arguments => Address((string)arguments[0]));
        table.Global("isIP", "string", "bool", arguments => CelIp.TryParse((string)arguments[0], out _, out _));
        table.Global(
            "ip.isCanonical",
            "string",
            "bool",
            arguments => Address((string)arguments[0]) is CelIp ip
                ? ip.ToString() == (string)arguments[0]
                : Address((string)arguments[0]));
        table.Method("ip", "family", "", "int", arguments => ((CelIp)arguments[0]).Family);
        table.Method("ip", "isUnspecified", "", "bool", arguments => ((CelIp)arguments[0]).IsUnspecified);
        table.Method("ip", "isLoopback", "", "bool", arguments => ((CelIp)arguments[0]).IsLoopback);
        table.Method("ip", "isLinkLocalMulticast", "", "bool", arguments => ((CelIp)arguments[0]).IsLinkLocalMulticast);
        table.Method("ip", "isLinkLocalUnicast", "", "bool", arguments => ((CelIp)arguments[0]).IsLinkLocalUnicast);
        table.Method("ip", "isGlobalUnicast", "", "bool", arguments => ((CelIp)arguments[0]).IsGlobalUnicast);
    }

    private static void AddCidrs(CelFunctionTable table)
    {
        table.Global("cidr", "string", "cidr", arguments => Cidr((string)arguments[0]));
        table.Global("isCIDR", "string", "bool", arguments => CelCidr.TryParse((string)arguments[0], out _, out _));
        table.Method(
            "cidr",
            "containsIP",
            "string",
            "bool",
            arguments => Address((string)arguments[1]) is CelIp ip
                ? ((CelCidr)arguments[0]).Contains(ip)
                : CelError.NoSuchOverload);
        table.Method(
            "cidr", "containsIP", "ip", "bool", arguments => ((CelCidr)arguments[0]).Contains((CelIp)arguments[1]));
        table.Method(
            "cidr",
            "containsCIDR",
            "string",
            "bool",
            arguments => Cidr((string)arguments[1]) is CelCidr other
                ? ((CelCidr)arguments[0]).Contains(other)
                : Cidr((string)arguments[1]));
        table.Method(
            "cidr",
            "containsCIDR",
            "cidr",
            "bool",
            arguments => ((CelCidr)arguments[0]).Contains((CelCidr)arguments[1]));
        table.Method("cidr", "ip", "", "ip", arguments => ((CelCidr)arguments[0]).Address);
        table.Method("cidr", "prefixLength", "", "int", arguments => (long)((CelCidr)arguments[0]).PrefixLength);
        table.Method("cidr", "masked", "", "cidr", arguments => ((CelCidr)arguments[0]).Masked());
    }

    private static object Address(string text) =>
        CelIp.TryParse(text, out var ip, out var problem) ? ip : new CelError(problem);

    private static object Cidr(string text) =>
        CelCidr.TryParse(text, out var cidr, out var problem)
            ? cidr
            : new CelError(
                $"network address parse error during conversion from string: network address parse error during "
                + $"conversion from string: {problem}");
}

/// <summary>An IP address. As in Kubernetes, zones, IPv4-mapped IPv6 and leading zeros are refused.</summary>
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

/// <summary>An address with a prefix length; bits beyond the prefix are kept.</summary>
internal sealed record CelCidr(CelIp Address, int PrefixLength)
{
    public static bool TryParse(string text, out CelCidr cidr, out string problem)
    {
        cidr = new CelCidr(new CelIp(IPAddress.Any), 0);
        var slash = text.LastIndexOf('/');
        var bits = slash < 0 ? "" : text[(slash + 1)..];
        problem = "";
        if (slash < 0)
        {
            problem = "no '/'";
        }
        else if (!CelIp.TryParse(text[..slash], out var ip, out var addressProblem))
        {
            problem =
                addressProblem[(addressProblem.IndexOf("ParseAddr", StringComparison.Ordinal) is >= 0 and var at
                    ? at
                    : 0)..];
        }
        else if (bits.Length is 0 or > 3 || (bits.Length > 1 && bits[0] == '0') || !bits.All(char.IsAsciiDigit))
        {
            problem = $"bad bits after slash: \"{bits}\"";
        }
        else if (int.Parse(bits, CultureInfo.InvariantCulture) > (ip.Family == 4 ? 32 : 128))
        {
            problem = "prefix length out of range";
        }
        else
        {
            cidr = new CelCidr(ip, int.Parse(bits, CultureInfo.InvariantCulture));
            return true;
        }

        problem = $"netip.ParsePrefix(\"{text}\"): {problem}";
        return false;
    }

    public bool Contains(CelIp ip) =>
        ip.Family == Address.Family
        && Mask(ip.Bytes, PrefixLength).AsSpan().SequenceEqual(Mask(Address.Bytes, PrefixLength));

    public bool Contains(CelCidr other) => PrefixLength <= other.PrefixLength && Contains(other.Address);

    public CelCidr Masked() => this with { Address = new CelIp(new IPAddress(Mask(Address.Bytes, PrefixLength))) };

    public override string ToString() => $"{Address}/{PrefixLength}";

    private static byte[] Mask(byte[] bytes, int length)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }

        return bytes;
    }
}
