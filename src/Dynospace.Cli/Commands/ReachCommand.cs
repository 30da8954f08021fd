using System.CommandLine;
using Dynospace.Cli.Reach;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Commands;

/// <summary><c>dynospace reach</c>: who may talk to whom, and which policy says so.</summary>
public sealed class ReachCommand
{
    private const int NotReachable = 2;

    private const string Details = """
        Ends are written as
          shop.web.1           a dyno; acme/shop.web.1 where several spaces have one
          shop, shop:80        an app, by its Service (only as the target)
          orders-db:5432       a data service of the space
          pod/NAMESPACE/NAME   any pod           node/NAME        a node
          router               the router of the other end's space, router-internal its internal listener
          internet  metadata   peer/NAME         203.0.113.9:443  [2001:db8::1]:443
        A port may name its protocol: 53/udp. The default is $PORT for web dynos, and the only port of a Service or
        data service.

        Reads the current cluster, or with -f manifests and what the operator would make of them. The answer is what
        the policies say; the Space's condition IsolationVerified says whether the network enforces them.
        Exit code 0 if the target is reached, 2 if it is not, 1 if that is unknown.

        Examples:
          dynospace reach shop.web.1 orders-db:5432
          dynospace reach -f samples/ internet shop      before it is applied, in a pipeline
          dynospace reach --matrix acme-prod

        """;

    private readonly CliEnvironment _environment;
    private readonly Argument<string?> _source = new("SOURCE")
    {
        Description = "Who opens the connection.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Argument<string?> _target = new("TARGET")
    {
        Description = "Who is called.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _matrix = new("--matrix")
    {
        Description = "A table of all kinds of ends in and around a space instead of one answer.",
        HelpName = "SPACE",
    };
    private readonly Option<string?> _space = new("--namespace", "-n")
    {
        Description = "The space in which names are looked for.",
        HelpName = "SPACE",
    };
    private readonly ClusterChoice _cluster = new("The cluster to ask about.");
    private readonly Option<ReachFormat> _format = WordOption.Create(
        "--output", ["-o"], "How the answer is printed", "FORMAT", ReachFormat.Text);
    private readonly OperatorOptionPairs _operatorOptions = new();
    private readonly ManifestOptions _manifests = new(
        "A file or a folder of YAML to ask about in place of a cluster. May be given more than once.",
        isRequired: false);

    private ReachCommand(CliEnvironment environment) => _environment = environment;

    public static Command Create(CliEnvironment environment)
    {
        var reach = new ReachCommand(environment);
        var command = new DetailedCommand("reach", "Say who may talk to whom, and which policy says so.", Details)
        {
            reach._source,
            reach._target,
            reach._matrix,
            reach._space,
            reach._cluster.Kubeconfig,
            reach._cluster.Context,
            reach._format,
            reach._operatorOptions.Option,
        };
        foreach (var option in reach._manifests.All)
        {
            command.Add(option);
        }

        command.SetAction(reach.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (source, target, space) = (parsed.GetValue(_source), parsed.GetValue(_target), parsed.GetValue(_matrix));
        return (source, target, space) switch
        {
            ({ Length: > 0 }, { Length: > 0 }, null) =>
                Answer(
                    EndParser.Parse(source),
                    EndParser.Parse(target),
                    await ReadAsync(parsed, cancellationToken),
                    parsed),
            (null, null, { Length: > 0 }) =>
                Tables(new SpaceMatrix(await ReadAsync(parsed, cancellationToken), space), parsed),
            _ => throw new CliException(
                "give SOURCE and TARGET, such as reach shop.web.1 orders-db:5432, or --matrix SPACE."),
        };
    }

    private int Answer(EndText source, EndText target, ReachWorld world, ParseResult parsed)
    {
        var answer = ReachAnswer.To(world, source, target, parsed.GetValue(_space));
        _environment.Out.Write(parsed.GetValue(_format) == ReachFormat.Json ? answer.ToJson() : answer.ToText());
        return answer.IsReached ? 0 : NotReachable;
    }

    private int Tables(SpaceMatrix matrix, ParseResult parsed)
    {
        var tables = matrix.Build();
        _environment.Out.Write(
            parsed.GetValue(_format) == ReachFormat.Json ? MatrixReport.ToJson(tables) : MatrixReport.ToText(tables));
        return 0;
    }

    private async Task<ReachWorld> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = _operatorOptions.Read(parsed);
        if (_manifests.Files(parsed).Count == 0)
        {
            var (file, context) = _cluster.Read(parsed, _environment);
            var live = await LiveWorld.ReadAsync(file, context, _environment.Clock, cancellationToken);
            return live with
            {
                Options = options,
                Warn = warning => _environment.Error.WriteLine($"dynospace: warning: {warning}"),
            };
        }

        var source = _manifests.Read(parsed, _environment, options);
        return RenderCommand.Report(_environment, source.Rendered.Problems) == 0
            ? ManifestWorld.FromRendered(source) with { Options = options }
            : throw new CliException(
                "no answer, since the manifests cannot be applied as they are: mend what is named above.");
    }
}
