using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace config</c>: config vars, and with <c>--secret</c> those kept in a Secret.</summary>
public sealed class ConfigVerb
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;
    private readonly AppChanger _changer;
    private readonly Argument<string[]> _pairs = new("NAME=VALUE")
    {
        Description = "Config vars and their values. With --secret, NAME alone reads the value from standard input.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Argument<string[]> _names = new("NAME")
    {
        Description = "Names of config vars.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Argument<string> _name = new("NAME") { Description = "The name of a config var." };
    private readonly Option<bool> _secret = new("--secret")
    {
        Description = "Keep the values in the Secret APP-config. Needs the right to write Secrets.",
    };

    private ConfigVerb(CliEnvironment environment)
    {
        (_environment, _options) = (environment, new(environment));
        _changer = new(environment, _options);
        _options.Complete(_names, NamesAsync);
        _options.Complete(_name, NamesAsync);
    }

    public static Command Create(CliEnvironment environment)
    {
        var list = new ConfigVerb(environment);
        return list._options.Command("config", "Show or change config vars.", """
            A change is a new release. Values of Secrets are not shown; config get shows one to those who may read it.

            Examples:
              dynospace config -a shop
              dynospace config set -a shop LOG_LEVEL=debug
              dynospace config set -a shop --secret API_KEY < key.txt
              dynospace config unset -a shop LOG_LEVEL
              dynospace config get -a shop LOG_LEVEL

            """,
            [Set(environment), Unset(environment), Get(environment)],
            async (parsed, session, stop) => list.List(parsed, await session.AppAsync(stop)));
    }

    private static Command Set(CliEnvironment environment)
    {
        var verb = new ConfigVerb(environment);
        return verb._options.Command("set", "Set config vars.", """
            Examples:
              dynospace config set -a shop LOG_LEVEL=debug FEATURE=on
              dynospace config set -a shop --secret API_KEY=…
              dynospace config set -a shop LOG_LEVEL=debug --dry-run client

            """, [verb._pairs, verb._secret, verb._changer.Option], verb.SetAsync);
    }

    private static Command Unset(CliEnvironment environment)
    {
        var verb = new ConfigVerb(environment);
        return verb._options.Command("unset", "Remove config vars.", """
            Examples:
              dynospace config unset -a shop LOG_LEVEL

            """, [verb._names, verb._changer.Option], verb.UnsetAsync);
    }

    private static Command Get(CliEnvironment environment)
    {
        var verb = new ConfigVerb(environment);
        return verb._options.Command("get", "Print the value of one config var.", """
            Examples:
              dynospace config get -a shop LOG_LEVEL

            """, [verb._name], verb.GetAsync, prints: false);
    }

    private int List(ParseResult parsed, App app)
    {
        var config = (app.Spec.Config ?? new Dictionary<string, string>())
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        if (_options.FormatOf(parsed) != OutputFormat.Text)
        {
            _options.Print(parsed, new JsonObject(
                config.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))));
            return 0;
        }

        foreach (var (name, value) in config)
        {
            _environment.Out.WriteLine($"{name}={value}");
        }

        foreach (var source in SecretsOf(app))
        {
            _environment.Error.WriteLine($"and the keys of Secret {source}");
        }

        return 0;
    }

    private async Task<int> GetAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var app = await session.AppAsync(cancellationToken);
        var name = parsed.GetRequiredValue(_name);
        if (app.Spec.Config?.TryGetValue(name, out var plain) == true)
        {
            await _environment.Out.WriteLineAsync(plain);
            return 0;
        }

        // The later Secret wins.
        foreach (var source in SecretsOf(app).Reverse())
        {
            if (await SecretAsync(session, source, cancellationToken) is { Data: { } data }
                && data.TryGetValue(name, out var value))
            {
                await _environment.Out.WriteLineAsync(Encoding.UTF8.GetString(value));
                return 0;
            }
        }

        throw NoSuchVariable(app, name);
    }

    private async Task<int> SetAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var isSecret = parsed.GetValue(_secret);
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in parsed.GetRequiredValue(_pairs))
        {
            var parts = text.Split('=', 2);
            pairs[parts[0]] = (parts, isSecret) switch
            {
                ([{ Length: > 0 }, var value], _) => value,
                ([{ Length: > 0 }], true) => await ReadValueAsync(cancellationToken),
                _ => throw new CliException($"'{text}' has no value: write NAME=VALUE, such as LOG_LEVEL=debug."),
            };
        }

        var names = string.Join(", ", pairs.Keys.Order(StringComparer.Ordinal));
        if (isSecret)
        {
            return await SetSecretAsync(parsed, session, pairs, names, cancellationToken);
        }

        return await _changer.ChangeAsync(
            parsed,
            session,
            app => pairs.All(pair => app.Spec.Config?.TryGetValue(pair.Key, out var value) == true
                && value == pair.Value)
                ? null
                : new AppChange($"dynospace config set {names}", new JsonObject
                {
                    ["config"] = new JsonObject(
                        pairs.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
                }),
            $"set {names}: a new release goes out",
            cancellationToken);
    }

    /// <summary>Writes the Secret before the App refers to it, so that no dyno names a missing Secret.</summary>
    private async Task<int> SetSecretAsync(
        ParseResult parsed, Session session, Dictionary<string, string> pairs, string names,
        CancellationToken cancellationToken)
    {
        var app = await session.AppAsync(cancellationToken);
        var secret = SecretNameOf(app);
        if (pairs.Keys.FirstOrDefault(name => app.Spec.Config?.ContainsKey(name) == true) is { } plain)
        {
            throw new CliException(
                $"{plain} is set in the app's spec, which would win: dynospace config unset {plain} first.");
        }

        var isDry = _changer.IsDry(parsed);
        var isNamed = SecretsOf(app).Contains(secret);
        var done = $"set {names} in Secret {secret}: a new release goes out";
        if (isDry)
        {
            await _environment.Error.WriteLineAsync($"would set {names} in Secret {secret}");
        }
        else if (isNamed || FieldOwners.KeeperOf(app.Metadata, "spec") is null)
        {
            await WriteAsync(session, secret, pairs.ToDictionary(
                pair => pair.Key, pair => (string?)pair.Value), cancellationToken);
        }

        if (isNamed)
        {
            if (!isDry)
            {
                await _environment.Error.WriteLineAsync(done);
            }

            return 0;
        }

        return await _changer.ChangeAsync(
            parsed,
            session,
            current => SecretsOf(current).Contains(secret) ? null : new AppChange(
                $"dynospace config set --secret {names}",
                new JsonObject
                {
                    ["configFrom"] = new JsonArray(
                    [
                        .. SecretsOf(current).Append(secret).Select(name => new JsonObject
                        {
                            ["secretRef"] = new JsonObject { ["name"] = name },
                        }),
                    ]),
                }),
            done,
            cancellationToken);
    }

    private async Task<int> UnsetAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var app = await session.AppAsync(cancellationToken);
        var names = parsed.GetRequiredValue(_names).Distinct(StringComparer.Ordinal).ToList();
        var plain = names.Where(name => app.Spec.Config?.ContainsKey(name) == true).ToList();
        var secret = SecretNameOf(app);
        var kept = names.Except(plain).ToList();
        if (kept.Count > 0)
        {
            var data = SecretsOf(app).Contains(secret)
                ? (await SecretAsync(session, secret, cancellationToken))?.Data
                : null;
            if (kept.FirstOrDefault(name => data?.ContainsKey(name) != true) is { } unknown)
            {
                throw NoSuchVariable(app, unknown);
            }

            var what = $"{string.Join(", ", kept)} from Secret {secret}";
            if (_changer.IsDry(parsed))
            {
                await _environment.Error.WriteLineAsync($"would remove {what}");
            }
            else
            {
                await WriteAsync(
                    session, secret, kept.ToDictionary(name => name, _ => (string?)null), cancellationToken);
                await _environment.Error.WriteLineAsync($"removed {what}: a new release goes out");
            }
        }

        return plain.Count == 0
            ? 0
            : await _changer.ChangeAsync(
                parsed,
                session,
                _ => new AppChange($"dynospace config unset {string.Join(", ", plain)}", new JsonObject
                {
                    ["config"] = new JsonObject(
                        plain.Select(name => KeyValuePair.Create<string, JsonNode?>(name, null))),
                }),
                $"removed {string.Join(", ", plain)}: a new release goes out",
                cancellationToken);
    }

    private static async Task WriteAsync(
        Session session, string name, Dictionary<string, string?> values, CancellationToken cancellationToken)
    {
        var existing = await SecretAsync(session, name, cancellationToken);
        if (existing is not null && FieldOwners.KeeperOf(existing.Metadata, "data") is { } keeper)
        {
            throw new CliException($"Secret {name} is kept by {keeper}, so it is not changed here: change it there.");
        }

        var data = new JsonObject(values.Select(pair => KeyValuePair.Create(
            pair.Key,
            pair.Value is { } value ? (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes(value)) : null)));
        var query = new WriteQuery { FieldManager = CliEnvironment.ClientName };
        if (existing is not null)
        {
            await session.Transport.PatchAsync(
                ClientKinds.Secret, new ObjectKey(session.Space, name), PatchFormat.Merge,
                new JsonObject { ["data"] = data }, query, cancellationToken);
            return;
        }

        await session.Transport.CreateAsync(
            ClientKinds.Secret,
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Secret",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = session.Space },
                ["type"] = "Opaque",
                ["data"] = data,
            },
            query,
            cancellationToken);
    }

    private static async Task<V1Secret?> SecretAsync(
        Session session, string name, CancellationToken cancellationToken)
    {
        try
        {
            return JsonObjects.To<V1Secret>(await session.Transport.GetAsync(
                ClientKinds.Secret, new ObjectKey(session.Space, name), cancellationToken));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            throw new CliException(
                $"you may not read Secret {name} of space {session.Space}: its admins may (dynospace-space-admin).", e);
        }
    }

    private async Task<string> ReadValueAsync(CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(_environment.In());
        var value = (await reader.ReadToEndAsync(cancellationToken)).TrimEnd('\n', '\r');
        return value.Length > 0
            ? value
            : throw new CliException("standard input holds no value: write one into it, or give NAME=VALUE.");
    }

    private static CliException NoSuchVariable(App app, string name)
    {
        var secrets = string.Join(", ", SecretsOf(app));
        return new(Names.Unknown(app, "config var", name, app.Spec.Config?.Keys ?? Enumerable.Empty<string>())
            + (secrets.Length > 0 ? $", and the keys of Secret {secrets}" : ""));
    }

    private static IEnumerable<string> SecretsOf(App app) =>
        (app.Spec.ConfigFrom ?? []).Select(source => source.SecretRef.Name);

    private static string SecretNameOf(App app) => $"{app.Metadata.Name}-config";

    private static async Task<IEnumerable<string>> NamesAsync(Session session, CancellationToken cancellationToken) =>
        (await session.AppAsync(cancellationToken)).Spec.Config?.Keys ?? Enumerable.Empty<string>();
}
