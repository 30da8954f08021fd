using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace domains</c>, <c>open</c> and <c>maintenance</c>: how the web reaches an app.</summary>
public sealed class WebVerbs
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;
    private readonly AppChanger _changer;
    private readonly Argument<string[]> _hosts = new("HOST")
    {
        Description = "Host names.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Argument<string?> _state = new("STATE")
    {
        Description = "on or off; left out, the state is shown.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Argument<string?> _path = new("PATH")
    {
        Description = "What to open below the app's address.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> _print = new("--print") { Description = "Print the address and open nothing." };

    private WebVerbs(CliEnvironment environment)
    {
        (_environment, _options) = (environment, new(environment));
        _changer = new(environment, _options);
        _state.CompletionSources.Add("on", "off");
    }

    public static IEnumerable<Command> Create(CliEnvironment environment)
    {
        yield return new WebVerbs(environment).Domains(
            new WebVerbs(environment).Change("add", "Add host names.", isAdding: true),
            new WebVerbs(environment).Change("remove", "Remove host names.", isAdding: false));
        yield return new WebVerbs(environment).Maintenance();
        yield return new WebVerbs(environment).Open();
    }

    private Command Domains(params Command[] changes) =>
        _options.Command("domains", "Show or change the host names of an app.", """
            A host belongs to one App of the cluster at a time. The generated one needs no DNS entry of yours.

            Examples:
              dynospace domains -a shop
              dynospace domains add -a shop shop.example.com

            """, changes, async (parsed, session, stop) => List(parsed, await session.AppAsync(stop)));

    private int List(ParseResult parsed, App app)
    {
        var granted = app.Status?.Hosts ?? [];
        var asked = app.Spec.Domains ?? [];
        var routed = Conditions.Find(app.Status?.Conditions, ConditionTypes.Routed);
        var rows = granted.Concat(asked).Distinct(StringComparer.Ordinal).Select(host => (
            Host: host,
            Kind: asked.Contains(host) ? "custom" : "generated",
            State: granted.Contains(host) ? routed?.Status == "True" ? "routed" : "granted" : "not granted")).ToList();
        if (_options.FormatOf(parsed) != OutputFormat.Text)
        {
            _options.Print(parsed, new JsonArray([.. rows.Select(row => new JsonObject
            {
                ["host"] = row.Host,
                ["kind"] = row.Kind,
                ["state"] = row.State,
            })]));
            return 0;
        }

        var table = new TextTable("HOST", "KIND", "STATE");
        rows.ForEach(row => table.Add(row.Host, row.Kind, row.State));
        table.Write(_environment.Out);
        if (routed is { Status: not "True" })
        {
            _environment.Error.WriteLine($"{routed.Reason}: {routed.Message}");
        }

        return 0;
    }

    private Command Change(string name, string summary, bool isAdding) =>
        _options.Command(name, summary, $"""
            Examples:
              dynospace domains {name} -a shop shop.example.com

            """,
            [_hosts, _changer.Option],
            (parsed, session, stop) =>
            {
                var hosts = parsed.GetRequiredValue(_hosts).Distinct(StringComparer.Ordinal).ToList();
                var what = $"{name} {string.Join(' ', hosts)}";
                return _changer.ChangeAsync(
                    parsed, session, app => ChangeOf(app, hosts, isAdding, what), $"domains: {what}", stop);
            });

    private static AppChange? ChangeOf(App app, IReadOnlyList<string> hosts, bool isAdding, string what)
    {
        var before = app.Spec.Domains ?? [];
        if (!isAdding)
        {
            Names.Check(app, "domain", hosts, before);
        }

        var after = isAdding ? before.Union(hosts).ToList() : before.Except(hosts).ToList();
        return after.SequenceEqual(before)
            ? null
            : new AppChange(
                $"dynospace domains {what}",
                new JsonObject { ["domains"] = new JsonArray([.. after.Select(host => JsonValue.Create(host))]) });
    }

    private Command Maintenance() =>
        _options.Command("maintenance", "Show or change whether the app is in maintenance.", """
            In maintenance the router answers every web request with a page of its own (H80). The dynos run on.

            Examples:
              dynospace maintenance on -a shop
              dynospace maintenance off -a shop

            """, [_state, _changer.Option], MaintainAsync);

    private async Task<int> MaintainAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        bool? wanted = parsed.GetValue(_state) switch
        {
            null => null,
            "on" => true,
            "off" => false,
            var other => throw new CliException($"'{other}' is not a state: write on or off."),
        };
        if (wanted is not { } isOn)
        {
            var app = await session.AppAsync(cancellationToken);
            if (_options.FormatOf(parsed) == OutputFormat.Text)
            {
                await _environment.Out.WriteLineAsync(app.Spec.Maintenance ? "on" : "off");
            }
            else
            {
                _options.Print(parsed, new JsonObject { ["maintenance"] = app.Spec.Maintenance });
            }

            return 0;
        }

        var word = isOn ? "on" : "off";
        return await _changer.ChangeAsync(
            parsed,
            session,
            app => app.Spec.Maintenance == isOn
                ? null
                : new AppChange($"dynospace maintenance {word}", new JsonObject { ["maintenance"] = isOn }),
            $"maintenance is {word}",
            cancellationToken);
    }

    private Command Open() =>
        _options.Command("open", "Open an app in the browser.", """
            Examples:
              dynospace open -a shop
              dynospace open -a shop /health --print

            """,
            [_path, _print],
            async (parsed, session, stop) => Open(parsed, await session.AppAsync(stop)),
            prints: false);

    private int Open(ParseResult parsed, App app)
    {
        // Custom domains come before the generated one.
        var domains = app.Spec.Domains ?? [];
        var host = (app.Status?.Hosts ?? []).OrderByDescending(domains.Contains).FirstOrDefault()
            ?? throw new CliException(
                $"app {app.Metadata.Name} has no host: "
                + (Conditions.Find(app.Status?.Conditions, ConditionTypes.Routed)?.Message
                    ?? "the operator has not looked at it yet."));
        var scheme = app.Spec.Tls is not null && domains.Contains(host) ? "https" : "http";
        var address = $"{scheme}://{host}/{parsed.GetValue(_path)?.TrimStart('/')}";
        _environment.Out.WriteLine(address);
        if (parsed.GetValue(_print) || !_environment.IsTerminal)
        {
            return 0;
        }

        try
        {
            var opener = OperatingSystem.IsMacOS() ? "open" : OperatingSystem.IsWindows() ? "explorer" : "xdg-open";
            using var process = Process.Start(new ProcessStartInfo(opener, [address]));
            return 0;
        }
        catch (Win32Exception)
        {
            throw new CliException("no browser can be opened here: open the address above yourself.");
        }
    }
}
