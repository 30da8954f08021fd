// Grants: records that a unique host or address of the cluster is granted to one holder.

using System.Globalization;
using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Grants;

/// <summary>
/// The record that a host or an address is granted to one holder: an immutable ConfigMap in the system namespace, named
/// after what is granted. The API server lets only one of two claims create it. Tenants cannot write it, and unlike
/// status it is part of backups. After a restore records may exist before their holders, so a missing holder keeps its
/// grant for a grace period.
/// </summary>
public abstract record Grant
{
    /// <summary>How long a record outlives its holder if the holder's deletion was not observed.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(10);

    /// <summary>The name of the ConfigMap.</summary>
    public abstract string Name { get; }

    /// <summary>The uid of the ConfigMap; null before it exists.</summary>
    public string? Uid { get; init; }

    /// <summary>Since when the holder is known to be missing; null while it exists.</summary>
    public DateTimeOffset? VacantSince { get; init; }

    /// <summary>The value of the ConfigMap's label <see cref="Labels.Component"/>.</summary>
    protected abstract string Component { get; }

    /// <summary>The labels that name the holder.</summary>
    protected abstract IReadOnlyDictionary<string, string> HolderLabels { get; }

    /// <summary>The data of the ConfigMap.</summary>
    protected abstract IDictionary<string, string> Data { get; }

    /// <summary>The time left of a missing holder's grace period; zero or less if it is over.</summary>
    public TimeSpan Remaining(DateTimeOffset now) => (VacantSince ?? now) + Grace - now;

    /// <summary>The ConfigMap.</summary>
    public V1ConfigMap ToConfigMap(string systemNamespace) => new()
    {
        ApiVersion = "v1",
        Kind = "ConfigMap",
        Metadata = new()
        {
            Name = Name,
            NamespaceProperty = systemNamespace,
            Labels = new Dictionary<string, string>(HolderLabels)
            {
                [Labels.ManagedBy] = Labels.ManagedByValue,
                [Labels.Component] = Component,
            },
        },
        Immutable = true,
        Data = Data,
    };

    /// <summary>Since when the holder is missing, from the ConfigMap's annotation.</summary>
    protected static DateTimeOffset? VacancyOf(V1ConfigMap map) =>
        map.Metadata.Annotations is { } annotations
        && annotations.TryGetValue(Annotations.VacantSince, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            ? since
            : null;
}
