using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Runs;

// One-off runs: the request, its life as the client sees it, and the terminal that is lent to it.

/// <summary>A command to run once.</summary>
/// <param name="Command">The command and its arguments; empty for the one of <paramref name="Type"/>.</param>
/// <param name="Type">A process type whose command and size are taken; null for none.</param>
/// <param name="Size">A size; null for the default or that of the process type.</param>
/// <param name="Variables">Environment variables beside the app's.</param>
/// <param name="HasInput">Whether input is passed on.</param>
/// <param name="HasTerminal">Whether it gets a terminal.</param>
public sealed record RunRequest(
    IReadOnlyList<string> Command, string? Type, string? Size, IReadOnlyDictionary<string, string> Variables,
    bool HasInput, bool HasTerminal)
{
    /// <summary>The Dyno, whose name the API server completes.</summary>
    /// <exception cref="CliException">The app has no such process type, or nothing is to be run.</exception>
    public JsonObject ToDyno(App app)
    {
        var process = Type is null ? null : Names.ProcessOf(app, Type);
        var command = Command.Count > 0 ? Command : [.. process?.Command ?? []];
        if (command.Count == 0 && process is null)
        {
            throw new CliException(
                "run what? Give a command behind --, such as -- bin/console, or a process type with -p TYPE.");
        }

        var spec = new JsonObject { ["app"] = app.Metadata.Name, ["processType"] = ProcessTypes.Run };
        if (command.Count > 0)
        {
            spec["command"] = new JsonArray([.. command.Select(word => JsonValue.Create(word))]);
        }

        if ((Size ?? process?.Size) is { } size)
        {
            spec["size"] = size;
        }

        if (Variables.Count > 0)
        {
            spec["env"] = new JsonObject(
                Variables.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }

        if (HasInput)
        {
            spec["stdin"] = true;
        }

        if (HasTerminal)
        {
            spec["tty"] = true;
        }

        return new JsonObject
        {
            ["apiVersion"] = ClientKinds.Dyno.ApiVersion,
            ["kind"] = ClientKinds.Dyno.Kind,
            ["metadata"] = new JsonObject
            {
                ["generateName"] = $"{app.Metadata.Name}.{ProcessTypes.Run}.r",
                ["namespace"] = app.Metadata.NamespaceProperty,
            },
            ["spec"] = spec,
        };
    }
}
