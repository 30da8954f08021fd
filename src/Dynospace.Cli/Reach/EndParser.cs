using System.Net;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Cli.Reach;

/// <summary>Reads ends: <c>shop.web.1</c>, <c>acme/orders-db:5432</c>, <c>pod/ns/name:53/udp</c>, <c>[2001:db8::1]:443</c>, <c>internet</c>.</summary>
internal static class EndParser
{
    private static readonly Dictionary<string, EndKind> Words = new(StringComparer.Ordinal)
    {
        ["router"] = EndKind.Router,
        ["router-internal"] = EndKind.InternalRouter,
        ["internet"] = EndKind.Internet,
        ["metadata"] = EndKind.Metadata,
    };

    /// <exception cref="CliException">The text is no end.</exception>
    public static EndText Parse(string text)
    {
        var (body, port) = SplitPort(text);
        return ParseBody(body) with { Port = port };
    }

    private static EndText ParseBody(string body)
    {
        if (Words.TryGetValue(body, out var word))
        {
            return new EndText(body, word, "");
        }

        if (AddressText.TryParse(body.Trim('[', ']'), out var address, out _))
        {
            return new EndText(body, EndKind.Address, body) { Address = address };
        }

        return body.Split('/') switch
        {
            ["pod", { Length: > 0 } ns, { Length: > 0 } name] => new EndText(body, EndKind.Pod, name) { Space = ns },
            ["node", { Length: > 0 } name] => new EndText(body, EndKind.Node, name),
            ["peer", { Length: > 0 } name] => new EndText(body, EndKind.Peer, name),
            [{ Length: > 0 } space, { Length: > 0 } name] when space is not "pod" => new EndText(body, EndKind.Named, name) { Space = space },
            [{ Length: > 0 } name] => new EndText(body, EndKind.Named, name),
            _ => throw new CliException(
                $"'{body}' names nothing: write a dyno (shop.web.1), an app (shop), a data service (orders-db:5432), each also behind its space (acme/shop), "
                + "pod/NAMESPACE/NAME, node/NAME, peer/NAME, router, router-internal, internet, metadata or an IP address."),
        };
    }

    private static (string Body, TransportPort? Port) SplitPort(string text)
    {
        // An IPv6 address has colons of its own; with a port it stands in brackets.
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']') || (text[0] != '[' && IPAddress.TryParse(text, out _)))
        {
            return (text, null);
        }

        var port = text[(colon + 1)..];
        return TransportPort.TryParse(port, out var parsed)
            ? (text[..colon], parsed)
            : throw new CliException($"'{port}' in '{text}' is no port: write a number from 1 to 65535, with a protocol where it is not TCP, such as 53/udp.");
    }
}
