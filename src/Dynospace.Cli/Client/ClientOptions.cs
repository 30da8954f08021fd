using System.CommandLine;
using System.CommandLine.Completions;
using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api.Yaml;
using Dynospace.Cli.Commands;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Client;

/// <summary>How a verb prints its result.</summary>
public enum OutputFormat
{
    Text,
    Json,
    Yaml,
}

/// <summary>The options that every daily verb has, and how a verb runs with them.</summary>
public sealed class ClientOptions
{
    private const string AppVariable = "DYNOSPACE_APP";

    /// <summary>Short, since a shell that waits for a suggestion seems to hang.</summary>
    private static readonly TimeSpan CompletionPatience = TimeSpan.FromSeconds(2);

    private const string SpaceDescription = "The space. [default: the namespace of the kubeconfig's context]";

    private readonly CliEnvironment _environment;
    private readonly Option<string?> _space;
    private readonly Argument<string?>? _spaceArgument;
    private readonly Option<string?> _app = new("--app", "-a")
    {
        Description = $"The app, shop or acme-prod/shop. [default: ${AppVariable}]",
        HelpName = "APP",
    };
    private readonly ClusterChoice _cluster = new("The cluster to speak to.");
    private readonly Option<OutputFormat> _format = WordOption.Create(
        "--output", ["-o"], "How the result is printed", "FORMAT", OutputFormat.Text);

    /// <param name="hasShortSpace">Whether <c>-s</c> is the space; a verb may have another use for it.</param>
    /// <param name="takesSpace">Whether the space may also be given as an argument.</param>
    public ClientOptions(CliEnvironment environment, bool hasShortSpace = true, bool takesSpace = false)
    {
        _environment = environment;
        _space = new("--space", hasShortSpace ? ["-s", "--namespace"] : ["--namespace"])
        {
            Description = SpaceDescription,
            HelpName = "SPACE",
        };
        _spaceArgument = takesSpace
            ? new("SPACE") { Description = SpaceDescription, Arity = ArgumentArity.ZeroOrOne }
            : null;
        Complete(_app, async (session, token) => (await session.AppsAsync(token)).Select(app => app.Metadata.Name));
        Complete(
            _space, async (session, token) => (await session.SpacesAsync(token)).Select(space => space.Metadata.Name));
    }

    /// <summary>A command with these options and its own, which runs on a cluster.</summary>
    /// <param name="takesApp">Whether the verb is about one app, or may be narrowed to one.</param>
    /// <param name="prints">Whether its result can be had as JSON and YAML.</param>
    /// <param name="takesSpace">Whether the verb is about one space.</param>
    public Command Command(
        string name, string summary, string details, IEnumerable<Symbol> own,
        Func<ParseResult, Session, CancellationToken, Task<int>> run, bool takesApp = true, bool prints = true,
        bool takesSpace = true)
    {
        var command = new DetailedCommand(name, summary, details);
        IEnumerable<Symbol> symbols =
        [
            .. _spaceArgument is null ? Array.Empty<Symbol>() : [_spaceArgument],
            .. own,
            .. takesApp ? [_app] : Array.Empty<Symbol>(),
            .. takesSpace ? [_space] : Array.Empty<Symbol>(),
            .. prints ? [_format] : Array.Empty<Symbol>(),
            _cluster.Kubeconfig,
            _cluster.Context,
        ];
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
                case Command sub:
                    command.Add(sub);
                    break;
            }
        }

        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, run, cancellationToken));
        return command;
    }

    /// <summary>
    /// A command that knows an answer without a cluster too: its session is null where none can be opened.
    /// </summary>
    public Command OptionalCommand(
        string name, string summary, string details,
        Func<ParseResult, Session?, CancellationToken, Task<int>> run)
    {
        var command = new DetailedCommand(name, summary, details)
        {
            _space, _format, _cluster.Kubeconfig, _cluster.Context,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = TryOpen(parsed);
            return await run(parsed, session, cancellationToken);
        });
        return command;
    }

    public OutputFormat FormatOf(ParseResult parsed) => parsed.GetValue(_format);

    /// <summary>Lets a shell complete an option or argument with names from the cluster.</summary>
    public void Complete(
        Option option, Func<Session, CancellationToken, Task<IEnumerable<string>>> names) =>
        option.CompletionSources.Add(context => Suggest(context, names));

    /// <inheritdoc cref="Complete(Option, Func{Session, CancellationToken, Task{IEnumerable{string}}})"/>
    public void Complete(
        Argument argument, Func<Session, CancellationToken, Task<IEnumerable<string>>> names) =>
        argument.CompletionSources.Add(context => Suggest(context, names));

    /// <summary>Prints objects as kubectl does: one as it is, several as a List.</summary>
    public void Print(ParseResult parsed, JsonNode value) => _environment.Out.Write(
        FormatOf(parsed) == OutputFormat.Yaml ? YamlWriter.Write(value) : PrintedJson.Format(value));

    /// <summary>Opens a session, runs the verb, and reports refusals of the cluster in plain text.</summary>
    private async Task<int> RunAsync(
        ParseResult parsed, Func<ParseResult, Session, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken)
    {
        using var session = Open(parsed);
        try
        {
            return await run(parsed, session, cancellationToken);
        }
        catch (ApiException e)
        {
            throw new CliException(Refusal(e), e);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            throw new CliException(
                $"the cluster cannot be reached: {e.Message.TrimEnd('.')}. Check --kubeconfig and --context.", e);
        }
    }

    private Session Open(ParseResult parsed)
    {
        var (kubeconfig, context) = _cluster.Read(parsed, _environment);
        return Session.Open(
            new SessionChoice(
                kubeconfig,
                context,
                Argument(parsed) ?? ClusterChoice.Given(parsed, _space),
                ClusterChoice.Given(parsed, _app) ?? _environment.Variable(AppVariable)),
            _environment.Clock);
    }

    private Session? TryOpen(ParseResult parsed)
    {
        try
        {
            return Open(parsed);
        }
        catch (CliException)
        {
            return null;
        }
    }

    private string? Argument(ParseResult parsed) =>
        _spaceArgument is { } argument && parsed.GetResult(argument) is { Tokens.Count: > 0 }
            ? parsed.GetValue(argument)
            : null;

    private IEnumerable<CompletionItem> Suggest(
        CompletionContext context, Func<Session, CancellationToken, Task<IEnumerable<string>>> names)
    {
        try
        {
            using var patience = new CancellationTokenSource(CompletionPatience, _environment.Clock);
            using var session = Open(context.ParseResult);
            return [.. names(session, patience.Token).GetAwaiter().GetResult()
                .Order(StringComparer.Ordinal)
                .Select(name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Errors are reported when the command runs, not while its line is typed.
            return [];
        }
    }

    private static string Refusal(ApiException e) => e.Code switch
    {
        HttpStatusCode.Forbidden => $"you may not do this: {e.Status.Message.TrimEnd('.')}. "
            + "Ask the space's admin or the platform team for a role.",
        HttpStatusCode.Unauthorized =>
            "the cluster does not know you: renew the credentials of the kubeconfig's user.",
        HttpStatusCode.NotFound when e.Status.Message.Contains("could not find the requested resource",
            StringComparison.Ordinal) => "the cluster has no Apps: install Dynospace first.",
        _ => $"the cluster refuses: {e.Status.Message}",
    };
}
