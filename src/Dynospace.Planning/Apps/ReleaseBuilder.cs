using Dynospace.Api.Apps;

namespace Dynospace.Planning.Apps;

/// <summary>Makes the release that an app's spec asks for.</summary>
internal static class ReleaseBuilder
{
    /// <summary>The release without a number: whether it needs a new one depends on the newest that there is.</summary>
    public static ReleaseRecord Build(AppSpec spec, IReadOnlyDictionary<string, SecretDigest> secrets)
    {
        var record = new ReleaseRecord
        {
            Number = 0,
            Hash = "",
            Image = spec.Image,
            Config = new SortedDictionary<string, string>(spec.Config ?? new Dictionary<string, string>(), StringComparer.Ordinal),
            ConfigFrom = [.. (spec.ConfigFrom ?? []).Select(source => source.SecretRef.Name)],
            ImagePullSecrets = [.. (spec.ImagePullSecrets ?? []).Select(secret => secret.Name)],
            Commands = Commands(spec),
            ReleaseCommand = [.. spec.Release?.Command ?? []],
        };
        return record with { Hash = HashOf(record, secrets) };
    }

    private static SortedDictionary<string, IReadOnlyList<string>> Commands(AppSpec spec)
    {
        var commands = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var process in spec.Processes ?? [])
        {
            if (process.Command is { Count: > 0 } command)
            {
                commands[process.Type] = [.. command];
            }
        }

        return commands;
    }

    private static string HashOf(ReleaseRecord record, IReadOnlyDictionary<string, SecretDigest> secrets)
    {
        var hash = new StableHash().Add(record.Image).Add(record.Config.Count);
        foreach (var (name, value) in record.Config)
        {
            hash.Add(name).Add(value);
        }

        hash.Add(record.ConfigFrom.Count);
        foreach (var name in record.ConfigFrom)
        {
            hash.Add(name).Add(secrets[name].Hash);
        }

        hash.Add(record.ImagePullSecrets).Add(record.Commands.Count);
        foreach (var (type, command) in record.Commands)
        {
            hash.Add(type).Add(command);
        }

        return hash.Add(record.ReleaseCommand).ToHex();
    }
}
