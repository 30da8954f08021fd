using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Api.Yaml;
using Dynospace.Cli.Commands;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Client;

/// <summary>A change of an App's spec.</summary>
/// <param name="Cause">For <c>kubernetes.io/change-cause</c>: what was done, without any value.</param>
/// <param name="Spec">The fields to set; null removes one. Items of <c>processes</c> are found by their type.</param>
public sealed record AppChange(string Cause, JsonObject Spec)
{
    private const string Processes = "processes";
    private const string Type = "type";

    /// <summary>As a manifest of the changed fields only, for people and for Git.</summary>
    public JsonObject ToPatch(ObjectKey app) => new()
    {
        ["apiVersion"] = ClientKinds.App.ApiVersion,
        ["kind"] = ClientKinds.App.Kind,
        ["metadata"] = new JsonObject { ["name"] = app.Name, ["namespace"] = app.Namespace },
        ["spec"] = Spec.DeepClone(),
    };

    /// <summary>
    /// The merge patch that makes the change, refused by the API server if the App has changed since it was read: a
    /// merge patch replaces a list as a whole.
    /// </summary>
    public JsonObject ToMergePatch(JsonObject app)
    {
        var spec = (JsonObject)Spec.DeepClone();
        if (spec[Processes] is JsonArray changed)
        {
            spec[Processes] = Merged((JsonArray)app["spec"]![Processes]!, changed);
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = app["metadata"]!["resourceVersion"]!.DeepClone(),
                ["annotations"] = new JsonObject { [ReleaseOrigin.CauseAnnotation] = Cause },
            },
            ["spec"] = spec,
        };
    }

    private static JsonArray Merged(JsonArray existing, JsonArray changed)
    {
        var merged = (JsonArray)existing.DeepClone();
        foreach (var change in changed.OfType<JsonObject>())
        {
            var item = merged.OfType<JsonObject>()
                .First(process => (string?)process[Type] == (string?)change[Type]);
            foreach (var (name, value) in change)
            {
                item[name] = value?.DeepClone();
            }
        }

        return merged;
    }
}

/// <summary>Changes Apps, or prints the patch if another tool keeps the App.</summary>
public sealed class AppChanger(CliEnvironment environment, ClientOptions options)
{
    /// <summary>As kubectl: whether to print the patch instead of sending it.</summary>
    private enum DryRun
    {
        None,
        Client,
    }

    private const int Attempts = 5;

    private readonly Option<DryRun> _dryRun = WordOption.Create(
        "--dry-run", [], "With client, print the patch and change nothing", "WHERE", DryRun.None);

    public Option Option => _dryRun;

    /// <summary>Changes the session's app.</summary>
    /// <param name="change">The change for the App as it is; null if there is nothing to change.</param>
    /// <param name="isScaling">Whether the change is about the number of web dynos, which autoscalers set.</param>
    /// <returns>0; 1 if another tool keeps the App and the patch was printed instead.</returns>
    public async Task<int> ChangeAsync(
        ParseResult parsed, Session session, Func<App, AppChange?> change, string done,
        CancellationToken cancellationToken, bool isScaling = false)
    {
        for (var attempt = 1; ; attempt++)
        {
            var content = await session.AppContentAsync(cancellationToken);
            var app = ClientJson.To<App>(content);
            var key = JsonObjects.KeyOf(content);
            if (change(app) is not { } wanted)
            {
                await environment.Error.WriteLineAsync($"app {key.Name} needs no change.");
                return 0;
            }

            if (IsDry(parsed))
            {
                Print(parsed, wanted.ToPatch(key));
                return 0;
            }

            if (KeeperOf(app, isScaling) is { } keeper)
            {
                await environment.Error.WriteLineAsync(
                    $"dynospace: app {key.Name} is kept by {keeper}, so it is not changed here. "
                    + "The patch for its source:");
                Print(parsed, wanted.ToPatch(key));
                return 1;
            }

            try
            {
                await session.Transport.PatchAsync(
                    ClientKinds.App, key, PatchFormat.Merge, wanted.ToMergePatch(content),
                    new WriteQuery { FieldManager = CliEnvironment.ClientName }, cancellationToken);
                await environment.Error.WriteLineAsync(done);
                return 0;
            }
            catch (ApiException e) when (e.Code == HttpStatusCode.Conflict && attempt < Attempts)
            {
                // The operator or another user was faster: compute the change again from the current App.
            }
        }
    }

    public bool IsDry(ParseResult parsed) => parsed.GetValue(_dryRun) == DryRun.Client;

    private static string? KeeperOf(App app, bool isScaling) =>
        FieldOwners.KeeperOf(app.Metadata, "spec") ?? (isScaling ? FieldOwners.ScalerOf(app.Metadata) : null);

    /// <summary>A patch is YAML unless JSON is asked for, since repositories hold YAML.</summary>
    private void Print(ParseResult parsed, JsonObject patch) => environment.Out.Write(
        options.FormatOf(parsed) == OutputFormat.Json ? PrintedJson.Format(patch) : YamlWriter.Write(patch));
}
