using System.CommandLine;
using Dynospace.Api.Dynos;
using Dynospace.Cli.Client;
using Dynospace.Cli.Logs;
using Dynospace.Cli.Runs;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace run</c>: a command in a one-off dyno.</summary>
public sealed class RunVerb
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;
    private readonly Argument<string[]> _command = new("COMMAND")
    {
        Description = "The command and its arguments, behind --. They run without a shell.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string?> _type = new("--process", "-p")
    {
        Description = "Take command and size of this process type.",
        HelpName = "TYPE",
    };
    private readonly Option<string?> _size = new("--size") { Description = "The size.", HelpName = "SIZE" };
    private readonly Option<string[]> _variables = new("--env", "-e")
    {
        Description = "An environment variable. May be given more than once.",
        HelpName = "NAME=VALUE",
    };
    private readonly Option<bool> _detach = new("--detach")
    {
        Description = "Do not wait for it. Its log is kept for an hour after its end.",
    };
    private readonly Option<bool> _noTerminal = new("--no-tty") { Description = "Lend it no terminal." };

    private readonly Option<bool> _noInput = new("--no-input")
    {
        Description = "Pass on no input, and lend it no terminal.",
    };

    private RunVerb(CliEnvironment environment)
    {
        (_environment, _options) = (environment, new(environment));
        _options.Complete(_size, ClusterSizes.NamesAsync);
        _options.Complete(_type, DynoFilter.TypesAsync);
    }

    public static Command Create(CliEnvironment environment)
    {
        var verb = new RunVerb(environment);
        return verb._options.Command("run", "Run a command in a one-off dyno of the app.", """
            The dyno has image, config and network of the app's release, receives no requests and is not started again.
            It is removed when this command ends; with --detach, or if what is typed is recorded, an hour after it has
            ended. Its exit code is passed on.
            A terminal is lent to it where there is one; input can come from a pipe. In a Shield space every key and all
            other input is recorded, passwords too, in the log that dynospace logs -s recorder shows.

            Examples:
              dynospace run -a shop -- bin/console
              dynospace run -a shop -e DRY_RUN=1 -- bin/rake db:migrate < answers.txt
              dynospace run -a shop -p worker --detach
              dynospace logs -a shop -d run.9157

            """,
            [verb._command, verb._type, verb._size, verb._variables, verb._detach, verb._noTerminal, verb._noInput],
            verb.RunAsync,
            prints: false);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var app = await session.AppAsync(cancellationToken);
        var isDetached = parsed.GetValue(_detach);
        var takesInput = !isDetached && !parsed.GetValue(_noInput);
        var hasTerminal = takesInput && !parsed.GetValue(_noTerminal)
            && _environment.IsTerminal && _environment.IsInputTerminal;
        var request = new RunRequest(
            parsed.GetValue(_command) ?? [],
            parsed.GetValue(_type),
            parsed.GetValue(_size) is { } size
                ? ClusterSizes.Spelled(await ClusterSizes.ReadAsync(session, cancellationToken), size)
                : null,
            Variables(parsed.GetValue(_variables) ?? []),
            HasInput: takesInput && (hasTerminal || !_environment.IsInputTerminal),
            hasTerminal);
        var created = ClientJson.To<Dyno>(await session.Transport.CreateAsync(
            ClientKinds.Dyno,
            request.ToDyno(app),
            new WriteQuery { FieldManager = CliEnvironment.ClientName },
            cancellationToken));
        if (!isDetached)
        {
            return await new OneOffRun(
                session, new PodLogs(session), new PodAttachments(session, _environment), _environment, request)
                .AttendAsync(created, cancellationToken);
        }

        var dyno = await NumberedAsync(session, created, cancellationToken);
        await _environment.Out.WriteLineAsync(DynoNames.Display(dyno));
        await _environment.Error.WriteLineAsync(
            $"its log: dynospace logs -a {app.Metadata.Name} -d {DynoNames.Display(dyno)}; "
            + $"to end it: kubectl delete dyno {dyno.Metadata.Name} -n {session.Space}");
        return 0;
    }

    /// <summary>Waits for the number that the operator gives; if it gives none, the name is used.</summary>
    private async Task<Dyno> NumberedAsync(Session session, Dyno created, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), _environment.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await foreach (var news in new ClusterFollower(session.Transport, _environment.Clock)
                .FollowAsync<Dyno>(ClientKinds.Dyno, session.Space, null, either.Token))
            {
                if ((news.All ?? [news.Object!]).FirstOrDefault(
                    dyno => dyno.Metadata.Uid == created.Metadata.Uid && dyno.Status?.Index is not null) is { } found)
                {
                    return found;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The operator does not run: the Dyno starts when it is back.
        }

        return created;
    }

    private static Dictionary<string, string> Variables(string[] pairs)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            if (pair.Split('=', 2) is not [{ Length: > 0 } name, var value])
            {
                throw new CliException($"--env '{pair}' has no value: write NAME=VALUE.");
            }

            variables[name] = value;
        }

        return variables;
    }
}
