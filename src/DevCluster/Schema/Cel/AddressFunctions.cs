namespace DevCluster.Schema.Cel;

/// <summary>IP addresses and CIDRs.</summary>
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
