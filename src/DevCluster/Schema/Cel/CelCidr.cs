using System.Globalization;
using System.Net;

namespace DevCluster.Schema.Cel;

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
