// Grants: the record that a host or an address, of which the cluster has one, is granted to one holder.

using System.Globalization;
using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Grants;

/// <summary>
/// The record that a host or an address is granted to one holder: an immutable ConfigMap in the system namespace, whose
/// name follows from what is granted. The API server lets one claim of two create it. Tenants cannot write there, and a
/// backup carries it, which status does not survive. After a restore the records are there before their holders, so a
/// missing holder keeps what it has for a grace.
/// </summary>
public abstract record Grant
{
    /// <summary>How long a record outlives its holder where nobody saw the holder being deleted.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(10);

    /// <summary>The name of the ConfigMap.</summary>
    public abstract string Name { get; }

    /// <summary>The uid of the ConfigMap; null before it exists.</summary>
    public string? Uid { get; init; }

    /// <summary>Since when the holder is known to be missing; null while it is there.</summary>
    public DateTimeOffset? VacantSince { get; init; }

    /// <summary>The value of the ConfigMap's label <see cref="Labels.Component"/>.</summary>
    protected abstract string Component { get; }

    /// <summary>The labels that name the holder.</summary>
    protected abstract IReadOnlyDictionary<string, string> HolderLabels { get; }

    /// <summary>What the ConfigMap says.</summary>
    protected abstract IDictionary<string, string> Data { get; }

    /// <summary>How long a missing holder still keeps it; zero or less when the grace is over.</summary>
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

    /// <summary>Since when the holder is missing, as a ConfigMap's annotation says.</summary>
    protected static DateTimeOffset? VacancyOf(V1ConfigMap map) =>
        map.Metadata.Annotations is { } annotations
        && annotations.TryGetValue(Annotations.VacantSince, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            ? since
            : null;
}
