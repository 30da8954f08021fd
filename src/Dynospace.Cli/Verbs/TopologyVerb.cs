using System.CommandLine;
using System.Net;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Client;
using Dynospace.Cli.Commands;
using Dynospace.Cli.Terminal;
using Dynospace.Cli.Topologies;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace topology</c>: a space as a picture.</summary>
internal sealed class TopologyVerb
{
    private enum Format
    {
        Tree,
        Json,
        Mermaid,
        Svg,
    }

    private readonly CliEnvironment _environment;
    private readonly Argument<string?> _space = new("SPACE")
    {
        Description = "The space. [default: the namespace of the kubeconfig's context]",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<Format> _format = WordOption.Create(
        "--format", ["-o"], "How it is drawn", "FORMAT", Format.Tree);
    private readonly ClientOptions _options;

    private TopologyVerb(CliEnvironment environment)
    {
        _environment = environment;
        _options = new(environment) { SpaceArgument = _space };
    }

    public static Command Create(CliEnvironment environment)
    {
        var verb = new TopologyVerb(environment);
        return verb._options.Command("topology", "Draw a space: its apps, routers and neighbours.", """
            Trusted ranges, data services and peer networks are left out if you may not read the Space.

            Examples:
              dynospace topology acme-prod
              dynospace topology acme-prod --format svg > acme-prod.svg

            """, [verb._space, verb._format], verb.RunAsync, takesApp: false, prints: false);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        await session.RequireSpaceAsync(cancellationToken);
        var topology = Topology.Of(
            session.Space,
            await SpaceAsync(session, cancellationToken),
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

    private static async Task<Space?> SpaceAsync(Session session, CancellationToken cancellationToken)
    {
        try
        {
            return JsonObjects.To<Space>(await session.Transport.GetAsync(
                ClientKinds.Space, ObjectKey.ClusterScoped(session.Space), cancellationToken));
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }
}
