using System.Net;
using Dynospace.Cli.Terminal;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Snapshots;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>An end that was found.</summary>
/// <param name="Name">Its name in the answer.</param>
/// <param name="Endpoint">The endpoint for the evaluator.</param>
public sealed record ReachEnd(string Name, Endpoint Endpoint)
{
    /// <summary>The default port of connections to it; null if it has none.</summary>
    public TransportPort? DefaultPort { get; init; }

    /// <summary>
    /// Addresses that it stands for, of which <see cref="Endpoint"/> is only one: the internet, or the ranges of a
    /// network. Null where it is one.
    /// </summary>
    public CidrSet? Ranges { get; init; }

    /// <summary>Whether it is the whole internet. What of it is the cluster's does not count.</summary>
    public bool IsInternet { get; init; }

    /// <summary>The addresses that are asked about in a cluster; null for the one of <see cref="Endpoint"/>.</summary>
    public CidrSet? RangesIn(ClusterSnapshot cluster) => IsInternet ? Ranges!.Except(cluster.OwnAddresses) : Ranges;

    /// <summary>A pod that does not run: judged by its labels.</summary>
    public V1Pod? StandIn { get; init; }

    /// <summary>A remark about the answer; null for none.</summary>
    public string? Note { get; init; }
}

/// <summary>The kind of thing that an end names.</summary>
public enum EndKind
{
    /// <summary>A dyno, an app's Service or a data service, by its name in a space.</summary>
    Named,
    Pod,
    Node,
    Router,
    InternalRouter,
    Internet,
    Metadata,
    Peer,
    Address,
}

/// <summary>An end of a connection as a user wrote it.</summary>
/// <param name="Text">As written, without the port.</param>
/// <param name="Kind">The kind of thing that it names.</param>
/// <param name="Name">The name; empty if the kind needs none.</param>
public sealed record EndText(string Text, EndKind Kind, string Name)
{
    /// <summary>The space or namespace that was written before the name; null where none was.</summary>
    public string? Space { get; init; }

    /// <summary>The address of <see cref="EndKind.Address"/>.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port; null where none was written.</summary>
    public TransportPort? Port { get; init; }

    /// <summary>Whether its meaning depends on a space.</summary>
    public bool DependsOnSpace => Kind is EndKind.Router or EndKind.InternalRouter or EndKind.Peer;
}

/// <summary>
/// Reads ends: <c>shop.web.1</c>, <c>acme/orders-db:5432</c>, <c>pod/ns/name:53/udp</c>, <c>[2001:db8::1]:443</c>,
/// <c>internet</c>.
/// </summary>
public static class EndParser
{
    private static readonly Dictionary<string, EndKind> Words = new(StringComparer.Ordinal)
    {
        ["router"] = EndKind.Router,
        ["router-internal"] = EndKind.InternalRouter,
        ["internet"] = EndKind.Internet,
        ["metadata"] = EndKind.Metadata,
    };

    /// <exception cref="CliException">The text is not a valid end.</exception>
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
            [{ Length: > 0 } space, { Length: > 0 } name] when space is not "pod" =>
                new EndText(body, EndKind.Named, name) { Space = space },
            [{ Length: > 0 } name] => new EndText(body, EndKind.Named, name),
            _ => throw new CliException(
                $"'{body}' names nothing: write a dyno (shop.web.1), an app (shop), a data service (orders-db:5432), "
                + $"each also behind its space (acme/shop), "
                + "pod/NAMESPACE/NAME, node/NAME, peer/NAME, router, router-internal, internet, metadata or an IP "
                    + "address."),
        };
    }

    private static (string Body, TransportPort? Port) SplitPort(string text)
    {
        // An IPv6 address contains colons; with a port it stands in brackets.
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']') || (text[0] != '[' && IPAddress.TryParse(text, out _)))
        {
            return (text, null);
        }

        var port = text[(colon + 1)..];
        return TransportPort.TryParse(port, out var parsed)
            ? (text[..colon], parsed)
            : throw new CliException(
                $"'{port}' in '{text}' is not a valid port: write a number from 1 to 65535, with a protocol where it "
                + "is not TCP, such as 53/udp.");
    }
}
