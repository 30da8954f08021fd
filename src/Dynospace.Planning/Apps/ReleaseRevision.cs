using System.Globalization;
using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Apps;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>Stores releases as ControllerRevisions, which the API server keeps from being changed, and reads them back.</summary>
public static class ReleaseRevision
{
    /// <summary>The revision that stores a release of the app.</summary>
    public static V1ControllerRevision ToRevision(this ReleaseRecord record, App app)
    {
        var labels = ChildLabels.OfApp(app);
        labels[Labels.Release] = record.Number.ToString(CultureInfo.InvariantCulture);
        return new()
        {
            ApiVersion = "apps/v1",
            Kind = "ControllerRevision",
            Metadata = new()
            {
                Name = ReleaseRecord.NameOf(app.Metadata.Name, record.Number),
                NamespaceProperty = app.Metadata.NamespaceProperty,
                Labels = labels,
                OwnerReferences = [Owners.Of(app)],
            },
            Revision = record.Number,
            Data = JsonSerializer.SerializeToElement(DataOf(record), ReleaseDataContext.Default.ReleaseData),
        };
    }

    /// <summary>Reads a release back; null when the revision stores none.</summary>
    public static ReleaseRecord? FromRevision(V1ControllerRevision revision) =>
        revision is { Data: JsonElement data, Revision: { } number } ? FromData(data, number, revision.Metadata?.Uid) : null;

    /// <summary>Reads a release back from the revision as JSON; null when it stores none.</summary>
    public static ReleaseRecord? FromRevision(JsonElement revision)
    {
        string? uid = revision.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("uid", out var text)
            ? text.GetString()
            : null;
        return revision.TryGetProperty("data", out var data)
            && revision.TryGetProperty("revision", out var number) && number.TryGetInt64(out var value)
            ? FromData(data, value, uid)
            : null;
    }

    private static ReleaseRecord? FromData(JsonElement element, long number, string? uid)
    {
        ReleaseData? data;
        try
        {
            data = element.Deserialize(ReleaseDataContext.Default.ReleaseData);
        }
        catch (JsonException)
        {
            // Another controller's revision: its data may be anything.
            return null;
        }

        if (data is not { Hash: { } hash, Image: { } image })
        {
            return null;
        }

        var empty = new ReleaseRecord { Number = number, Hash = hash, Image = image, Uid = uid };
        return empty with
        {
            Config = data.Config is { } config ? new SortedDictionary<string, string>(config, StringComparer.Ordinal) : empty.Config,
            ConfigFrom = data.ConfigFrom ?? [],
            ImagePullSecrets = data.ImagePullSecrets ?? [],
            Commands = data.Commands is { } commands
                ? new SortedDictionary<string, IReadOnlyList<string>>(commands, StringComparer.Ordinal)
                : empty.Commands,
            ReleaseCommand = data.ReleaseCommand ?? [],
        };
    }

    private static ReleaseData DataOf(ReleaseRecord record) =>
        new()
        {
            Hash = record.Hash,
            Image = record.Image,
            Config = record.Config.Count > 0 ? new(record.Config.ToDictionary(), StringComparer.Ordinal) : null,
            ConfigFrom = record.ConfigFrom.Count > 0 ? record.ConfigFrom : null,
            ImagePullSecrets = record.ImagePullSecrets.Count > 0 ? record.ImagePullSecrets : null,
            Commands = record.Commands.Count > 0 ? new(record.Commands.ToDictionary(), StringComparer.Ordinal) : null,
            ReleaseCommand = record.ReleaseCommand.Count > 0 ? record.ReleaseCommand : null,
        };
}
