using System.Text.Json.Nodes;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Routers;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Cli.Reach;

/// <summary>Whether the source reaches the target, and why.</summary>
public sealed record ReachAnswer(ReachEnd Source, ReachEnd Target, TransportPort Port, Verdict Verdict)
{
    /// <summary>
    /// If one end is the internet or a network: the parts of it that are reached and that are not; one part if all of
    /// it is treated alike.
    /// </summary>
    public IReadOnlyList<RangePart> Parts { get; init; } = [];

    /// <summary>Whether only part of the target is reached.</summary>
    public bool IsPartial =>
        Parts.Count > 0
            ? Parts.Select(part => part.IsReached).Distinct().Count() > 1
            : Verdict.IsPartial;

    /// <summary>Whether any of the target is reached, by any of the source.</summary>
    public bool IsReached => Parts.Count > 0 ? Parts.Any(part => part.IsReached) : Verdict.Allowed;

    private IEnumerable<string> Notes => new[] { (Source.Name, Source.Note), (Target.Name, Target.Note) }
        .Where(entry => entry.Note is not null)
        .Select(entry => $"{entry.Name}: {entry.Note}");

    /// <exception cref="CliException">This question cannot be asked about an end.</exception>
    public static ReachAnswer To(ReachWorld world, EndText sourceText, EndText targetText, string? @namespace)
    {
        if (sourceText.Port is { } wrong)
        {
            throw new CliException(
                $"'{sourceText.Text}' opens connections, so its port does not matter: leave out {wrong.Number}, and "
                + $"name the target's.");
        }

        var (source, target) = new EndResolver(world, @namespace).Resolve(sourceText, targetText);
        if (source.Endpoint is ServiceEndpoint)
        {
            throw new CliException(
                $"'{sourceText.Text}' is a Service, which opens no connections: name one of its dynos, such as "
                + $"{sourceText.Name}.web.1.");
        }

        var port = ListenerOf(targetText, targetText.Port) ?? target.DefaultPort
            ?? throw new CliException(
                $"'{targetText.Text}' has no port that goes without saying: name one, such as {targetText.Text}:5432 "
                + $"or {targetText.Text}:53/udp.");
        var evaluator = Snapshots.EvaluatorOf(world, [source, target]);
        return (source, target) switch
        {
            ({ IsInternet: true }, { IsInternet: true }) =>
                throw new CliException(
                    "'internet' as both ends is not of this cluster: name a dyno, an app or a router as one of them."),
            ({ Ranges: not null }, { Ranges: null }) => OfRanges(source, target.Endpoint, isSource: true),
            ({ Ranges: null }, { Ranges: not null }) => OfRanges(target, source.Endpoint, isSource: false),
            _ => new ReachAnswer(
                source,
                target,
                port,
                evaluator.Evaluate(source.Endpoint, target.Endpoint, port)),
        };

        ReachAnswer OfRanges(ReachEnd outside, Endpoint inside, bool isSource)
        {
            var ranges = outside.RangesIn(evaluator.Snapshot)!;
            var parts = evaluator.EvaluateParts(ranges, inside, isSource, port);
            return parts.IsEmpty
                ? new ReachAnswer(source, target, port, evaluator.EvaluateSet(ranges, inside, isSource, port))
                : new ReachAnswer(source, target, port, parts[0].Verdict) { Parts = RangePart.From(parts) };
        }
    }

    /// <summary>Clients name the ports of a router's Service; policies know those of its pods.</summary>
    private static TransportPort? ListenerOf(EndText target, TransportPort? port) =>
        target.Kind is EndKind.Router or EndKind.InternalRouter && port is { Protocol: TransportProtocol.Tcp } named
            ? named.Number switch
            {
                RouterPorts.PublicHttp => TransportPort.Tcp(RouterPorts.Http),
                RouterPorts.PublicHttps => TransportPort.Tcp(RouterPorts.Https),
                _ => named,
            }
            : port;

    public string ToText()
    {
        var answer = this switch
        {
            { IsPartial: true } when Source.IsInternet => $"in part: some of {Source.Name} reaches {Target.Name}",
            { IsPartial: true } => $"in part: {Source.Name} reaches some of {Target.Name}",
            { IsReached: true } => $"yes: {Source.Name} reaches {Target.Name}",
            _ => $"no: {Source.Name} does not reach {Target.Name}",
        };
        // For a Service, the first line only repeats what follows for each backend.
        var why = IsPartial && Parts.Count > 0
            ? Parts.Select(part => part.ToString())
            : Verdict.Explanation.Skip(Verdict.Backends.IsEmpty ? 0 : 1);
        return string.Concat(why.Concat(Notes).Select(line => $"  {line}\n").Prepend($"{answer} on {Port}\n"));
    }

    public string ToJson() => PrintedJson.Format(new JsonObject
    {
        ["source"] = Source.Name,
        ["target"] = Target.Name,
        ["port"] = Port.Number,
        ["protocol"] = Port.Protocol.ToString().ToUpperInvariant(),
        ["reachable"] = IsReached,
        ["partial"] = IsPartial,
        ["reason"] = Verdict.Reason,
        ["egress"] = Rules(Verdict.Egress),
        ["ingress"] = Rules(Verdict.Ingress),
        ["explanation"] = new JsonArray([.. Verdict.Explanation.Select(line => JsonValue.Create(line))]),
        ["parts"] = Parts.Count == 0 ? null : new JsonArray([.. Parts.Select(part => new JsonObject
        {
            ["reachable"] = part.IsReached,
            ["ranges"] = new JsonArray([.. part.Addresses.Ranges.Select(range => JsonValue.Create(range.ToString()))]),
            ["reason"] = part.Reason,
        })]),
        ["notes"] = new JsonArray([.. Notes.Select(line => JsonValue.Create(line))]),
    });

    private static JsonObject? Rules(SideDecision? side) => side is null ? null : new JsonObject
    {
        ["allows"] = side.Allows,
        ["basis"] = side.Basis.ToString(),
        ["policies"] = new JsonArray([.. side.Isolating.Select(policy => JsonValue.Create(policy.ToString()))]),
        ["rules"] = new JsonArray([.. side.Admitting.Select(rule => JsonValue.Create(rule.ToString()))]),
    };
}

/// <summary>A part of the internet or of a network that policies treat alike.</summary>
/// <param name="Addresses">The part.</param>
/// <param name="All">The range that was asked about.</param>
/// <param name="IsReached">Whether connections may be opened.</param>
/// <param name="Reason">Why, for the first of the addresses.</param>
public sealed record RangePart(CidrSet Addresses, CidrSet All, bool IsReached, string Reason)
{
    private const int Shown = 4;

    /// <summary>At most one part that is reached and one that is not.</summary>
    public static IReadOnlyList<RangePart> From(IReadOnlyList<(CidrSet Addresses, Verdict Verdict)> parts)
    {
        var all = Union(parts);
        return
        [
            .. parts.GroupBy(part => part.Verdict.Allowed)
                .Select(group => new RangePart(Union(group), all, group.Key, group.First().Verdict.Reason)),
        ];

        static CidrSet Union(IEnumerable<(CidrSet Addresses, Verdict Verdict)> parts) =>
            parts.Select(part => part.Addresses).Aggregate(CidrSet.Empty, (union, part) => union.Union(part));
    }

    public override string ToString()
    {
        var families = new[] { ("IPv4", AddressRange.EveryIPv4), ("IPv6", AddressRange.EveryIPv6) }
            .Select(family => Described(family.Item1, CidrSet.FromRanges(family.Item2))).OfType<string>();
        return $"{(IsReached ? "open" : "closed")} for {string.Join(" and ", families)}: {Reason}";
    }

    /// <summary>The shorter description: the addresses in the part, or those outside it.</summary>
    private string? Described(string name, CidrSet family)
    {
        var (mine, others) = (Addresses.Intersect(family), All.Intersect(family).Except(Addresses));
        return (mine.IsEmpty, others.IsEmpty) switch
        {
            (true, _) => null,
            (_, true) => $"all of {name}",
            _ when others.Ranges.Length < mine.Ranges.Length => $"{name} without {List(others)}",
            _ => List(mine),
        };
    }

    private static string List(CidrSet set)
    {
        var ranges = set.Ranges;
        return string.Join(", ", ranges.Take(Shown))
            + (ranges.Length > Shown ? $" and {ranges.Length - Shown} more ranges" : "");
    }
}

/// <summary>How answers are printed.</summary>
public enum ReachFormat
{
    Text,
    Json,
}
