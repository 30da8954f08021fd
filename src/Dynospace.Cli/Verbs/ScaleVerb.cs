using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Apps;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace scale</c>: how many dynos of which size.</summary>
public sealed class ScaleVerb
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;
    private readonly AppChanger _changer;
    private readonly Argument<string[]> _processes = new("TYPE=QUANTITY[:SIZE]")
    {
        Description = "A process type, the number of its dynos and, if it changes, their size.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private ScaleVerb(CliEnvironment environment)
    {
        (_environment, _options) = (environment, new(environment));
        _changer = new(environment, _options);
        _options.Complete(
            _processes,
            async (session, token) =>
                (await DynoFilter.TypesAsync(session, token)).Select(type => $"{type}="));
    }

    public static Command Create(CliEnvironment environment)
    {
        var verb = new ScaleVerb(environment);
        return verb._options.Command("scale", "Show or change the number and size of dynos.", """
            Scaling makes no release. Without arguments the formation is shown.

            Examples:
              dynospace scale -a shop
              dynospace scale -a shop web=3 worker=1
              dynospace scale -a shop web=2:Standard-2X

            """, [verb._processes, verb._changer.Option], verb.RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var asked = (parsed.GetValue(_processes) ?? []).Select(ProcessScale.Parse).ToList();
        if (asked.Count == 0)
        {
            return Show(parsed, await session.AppAsync(cancellationToken));
        }

        if (asked.GroupBy(scale => scale.Type).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new CliException($"{twice.Key} is named twice: give each process type once.");
        }

        if (asked.Exists(scale => scale.Size is not null))
        {
            var sizes = await ClusterSizes.ReadAsync(session, cancellationToken);
            asked = asked.ConvertAll(scale =>
                scale.Size is { } size ? scale with { Size = ClusterSizes.Spelled(sizes, size) } : scale);
        }

        return await _changer.ChangeAsync(
            parsed,
            session,
            app => Change(app, asked),
            $"scaled: {string.Join(", ", asked)}",
            cancellationToken,
            isScaling: asked.Any(scale => scale.Type == ProcessTypes.Web));
    }

    private static AppChange? Change(App app, IReadOnlyList<ProcessScale> asked)
    {
        var existing = app.Spec.Processes ?? [];
        var processes = new JsonArray();
        var spec = new JsonObject { ["processes"] = processes };
        foreach (var scale in asked)
        {
            var process = Names.ProcessOf(app, scale.Type);
            var item = new JsonObject { ["type"] = scale.Type, ["quantity"] = scale.Quantity };
            if (scale.Size is not null && scale.Size != process.Size)
            {
                item["size"] = scale.Size;
            }

            processes.Add(item);
            if (scale.Type == ProcessTypes.Web && WebScale.FromApp(app).Replicas is not null)
            {
                spec["replicas"] = scale.Quantity;
            }
        }

        var isSo = asked.All(scale => existing.Any(process => process.Type == scale.Type
            && process.Quantity == scale.Quantity
            && (scale.Size is null || scale.Size == process.Size)))
            && (spec["replicas"] is null || app.Spec.Replicas == (int)spec["replicas"]!);
        return isSo ? null : new AppChange($"dynospace scale {string.Join(' ', asked)}", spec);
    }

    private int Show(ParseResult parsed, App app)
    {
        var scale = WebScale.FromApp(app);
        var rows = (app.Spec.Processes ?? []).Select(process => (
            Process: process, Quantity: scale.QuantityOf(process))).ToList();
        if (_options.FormatOf(parsed) != OutputFormat.Text)
        {
            _options.Print(parsed, new JsonArray([.. rows.Select(row => new JsonObject
            {
                ["type"] = row.Process.Type,
                ["quantity"] = row.Quantity,
                ["size"] = row.Process.Size,
            })]));
            return 0;
        }

        var table = new TextTable("TYPE", "QUANTITY", "SIZE", "COMMAND");
        foreach (var (process, quantity) in rows)
        {
            table.Add(
                process.Type,
                quantity.ToString(CultureInfo.InvariantCulture),
                process.Size,
                string.Join(' ', process.Command ?? []));
        }

        table.Write(_environment.Out);
        return 0;
    }
}

/// <summary>The scale asked for a process type: <c>web=3</c> or <c>web=3:Standard-2X</c>.</summary>
internal sealed record ProcessScale(string Type, int Quantity, string? Size)
{
    public static ProcessScale Parse(string text)
    {
        var parts = text.Split('=', 2);
        var number = parts.Length == 2 ? parts[1].Split(':', 2) : [];
        if (parts[0].Length == 0
            || number.Length == 0
            || !int.TryParse(number[0], NumberStyles.None, CultureInfo.InvariantCulture, out var quantity)
            || quantity > SpaceDefaults.MaxDynosPerApp)
        {
            throw new CliException(
                $"'{text}' does not say how many: write TYPE=QUANTITY, such as web=3, with a quantity from 0 to "
                + $"{SpaceDefaults.MaxDynosPerApp}.");
        }

        return new(parts[0], quantity, number.Length == 2 ? number[1] : null);
    }

    public override string ToString() => Size is null ? $"{Type}={Quantity}" : $"{Type}={Quantity}:{Size}";
}
