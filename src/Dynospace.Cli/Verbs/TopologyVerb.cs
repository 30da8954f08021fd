using System.CommandLine;
using Dynospace.Cli.Client;
using Dynospace.Cli.Commands;
using Dynospace.Cli.Terminal;
using Dynospace.Cli.Topologies;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace topology</c>: a space as a picture.</summary>
public sealed class TopologyVerb
{
    private enum Format
    {
        Tree,
        Json,
        Mermaid,
        Svg,
    }

    private readonly CliEnvironment _environment;
    private readonly Option<Format> _format = WordOption.Create(
        "--format", ["-o"], "How it is drawn", "FORMAT", Format.Tree);
    private readonly ClientOptions _options;

    private TopologyVerb(CliEnvironment environment) =>
        (_environment, _options) = (environment, new(environment, takesSpace: true));

    public static Command Create(CliEnvironment environment)
    {
        var verb = new TopologyVerb(environment);
        return verb._options.Command("topology", "Draw a space: its apps, routers and neighbours.", """
            Trusted ranges, data services and peer networks are left out if you may not read the Space.

            Examples:
              dynospace topology acme-prod
              dynospace topology acme-prod --format svg > acme-prod.svg

            """, [verb._format], verb.RunAsync, takesApp: false, prints: false);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var topology = Topology.FromSpace(
            session.Space,
            await session.RequireSpaceAsync(cancellationToken),
            await session.AppsAsync(cancellationToken),
            await session.DynosAsync(null, cancellationToken));
        await _environment.Out.WriteAsync(parsed.GetValue(_format) switch
        {
            Format.Json => PrintedJson.Format(topology.ToJson()),
            Format.Mermaid => TopologyDrawings.Mermaid(topology),
            Format.Svg => TopologyDrawings.Svg(topology),
            _ => TopologyDrawings.Tree(topology, _environment.IsUnicode),
        });
        return 0;
    }
}
