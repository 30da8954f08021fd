using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Cli.Terminal;
using Dynospace.Reachability;

namespace Dynospace.Cli.Reach;

/// <summary>Whether the source reaches the target, and why.</summary>
internal sealed record ReachAnswer(ReachEnd Source, ReachEnd Target, TransportPort Port, Verdict Verdict)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private IEnumerable<string> Notes => new[] { (Source.Name, Source.Note), (Target.Name, Target.Note) }
        .Where(entry => entry.Note is not null)
        .Select(entry => $"{entry.Name}: {entry.Note}");

    /// <exception cref="CliException">An end cannot be asked about so.</exception>
    public static ReachAnswer To(ReachWorld world, EndText sourceText, EndText targetText, string? @namespace)
    {
        if (sourceText.Port is { } wrong)
        {
            throw new CliException($"'{sourceText.Text}' opens connections, so its port does not matter: leave out {wrong.Number}, and name the target's.");
        }

        var (source, target) = new EndResolver(world, @namespace).Resolve(sourceText, targetText);
        if (source.Endpoint is ServiceEndpoint)
        {
            throw new CliException($"'{sourceText.Text}' is a Service, which opens no connections: name one of its dynos, such as {sourceText.Name}.web.1.");
        }

        var port = targetText.Port ?? target.DefaultPort
            ?? throw new CliException($"'{targetText.Text}' has no port that goes without saying: name one, such as {targetText.Text}:5432 or {targetText.Text}:53/udp.");
        var evaluator = Snapshots.EvaluatorOf(world, [source, target]);
        return new ReachAnswer(source, target, port, evaluator.Evaluate(source.Endpoint, target.Endpoint, port));
    }

    public string ToText()
    {
        var answer = Verdict switch
        {
            { IsPartial: true } => $"in part: {Source.Name} reaches some of {Target.Name}",
            { Allowed: true } => $"yes: {Source.Name} reaches {Target.Name}",
            _ => $"no: {Source.Name} does not reach {Target.Name}",
        };
        // Of a Service, the first line only repeats what follows for each backend.
        var why = Verdict.Explanation.Skip(Verdict.Backends.IsEmpty ? 0 : 1);
        return string.Concat(why.Concat(Notes).Select(line => $"  {line}\n").Prepend($"{answer} on {Port}\n"));
    }

    public string ToJson() => new JsonObject
    {
        ["source"] = Source.Name,
        ["target"] = Target.Name,
        ["port"] = Port.Number,
        ["protocol"] = Port.Protocol.ToString().ToUpperInvariant(),
        ["reachable"] = Verdict.Allowed,
        ["partial"] = Verdict.IsPartial,
        ["reason"] = Verdict.Reason,
        ["egress"] = Rules(Verdict.Egress),
        ["ingress"] = Rules(Verdict.Ingress),
        ["explanation"] = new JsonArray([.. Verdict.Explanation.Select(line => JsonValue.Create(line))]),
        ["notes"] = new JsonArray([.. Notes.Select(line => JsonValue.Create(line))]),
    }.ToJsonString(Indented) + "\n";

    private static JsonObject? Rules(SideDecision? side) => side is null ? null : new JsonObject
    {
        ["allows"] = side.Allows,
        ["basis"] = side.Basis.ToString(),
        ["policies"] = new JsonArray([.. side.Isolating.Select(policy => JsonValue.Create(policy.ToString()))]),
        ["rules"] = new JsonArray([.. side.Admitting.Select(rule => JsonValue.Create(rule.ToString()))]),
    };
}

/// <summary>How answers are printed.</summary>
internal enum ReachFormat
{
    Text,
    Json,
}
