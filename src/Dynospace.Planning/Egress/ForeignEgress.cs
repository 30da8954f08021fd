using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Egress;

// The egress gateways of the cluster itself. Each has one file with a class that derives from ForeignEgress. To add
// one, add a value of EgressProvider, a file here, a line in EgressProviders, rights in the chart and a row in
// docs/egress.md.

/// <summary>The request to a provider of the cluster for one space.</summary>
/// <param name="Space">The Space's name, which is also its namespace's.</param>
/// <param name="Addresses">The fixed IPs for new dynos.</param>
/// <param name="Exempt">Destinations that keep the cluster's own way.</param>
/// <param name="Options">The platform's options.</param>
public sealed record EgressDraft(
    string Space, IReadOnlyList<string> Addresses, IReadOnlyList<string> Exempt, PlatformOptions Options)
{
    internal IEnumerable<string> V4 => Addresses.Where(address => !AddressBlock.IsV6Text(address));

    internal IEnumerable<string> V6 => Addresses.Where(AddressBlock.IsV6Text);

    /// <summary>
    /// The name of the objects, with a prefix since cluster-scoped names are shared with other programs.
    /// </summary>
    internal string Name => $"dynospace-{Space}";

    internal JsonObject GatewayLabels => LabelsOf(Options.Egress.GatewayLabels);

    /// <summary>Selects the namespace by the label that the API server sets and tenants cannot write.</summary>
    internal JsonObject NamespaceLabels => new() { [Labels.NamespaceName] = Space };

    internal V1ObjectMeta Metadata(string? ns = null, string? name = null) => new()
    {
        Name = name ?? Name,
        NamespaceProperty = ns,
        Labels = new Dictionary<string, string>
        {
            [Labels.ManagedBy] = Labels.ManagedByValue,
            [Labels.PartOf] = Labels.ManagedByValue,
            [Labels.Component] = ComponentValues.Egress,
            [Labels.Space] = Space,
        },
    };

    internal static JsonArray Texts(IEnumerable<string> values) =>
        new([.. values.Select(value => (JsonNode)JsonValue.Create(value))]);

    private static JsonObject LabelsOf(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var made = new JsonObject();
        foreach (var (name, value) in labels)
        {
            made[name] = value;
        }

        return made;
    }
}

/// <summary>An egress gateway of the cluster: the objects that it needs and how to read their status.</summary>
public abstract class ForeignEgress
{
    private protected ForeignEgress(EgressProvider provider) => Provider = provider;

    /// <summary>The provider.</summary>
    public EgressProvider Provider { get; }

    /// <summary>The kinds that it needs for a space, in the order in which they are applied.</summary>
    public abstract IReadOnlyList<ProviderKind> Kinds { get; }

    /// <summary>Limits that apply to every space. They are shown if there is no fault.</summary>
    internal virtual IEnumerable<Problem> Limits => [];

    /// <summary>The maximum number of addresses of one family for one space.</summary>
    internal virtual int MostAddresses => int.MaxValue;

    /// <summary>Why it cannot serve the space as requested; null if it can.</summary>
    internal virtual Problem? Refusal(EgressDraft draft)
    {
        var most = Math.Max(draft.V4.Count(), draft.V6.Count());
        return most > MostAddresses
            ? new(
                Reasons.EgressRefused,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Provider} gives a space {MostAddresses} address of each family, and this one has {most}: name "
                    + $"one in spec.outboundIPs, or set spec.egress.count to 1."))
            : null;
    }

    /// <summary>The objects for one space.</summary>
    internal abstract IReadOnlyList<ProviderObject> Build(EgressDraft draft);

    /// <summary>The fault that the status of an object reports; null for none.</summary>
    public virtual string? FaultIn(ProviderKind kind, JsonElement status) => null;

    private protected static ProviderKind Cluster(string group, string version, string plural, string kind) =>
        new(group, version, plural, kind) { IsNamespaced = false };

    /// <summary>The message of the first of these conditions that is False; null for none.</summary>
    private protected static string? FalseCondition(JsonElement status, params string[] types) =>
        StatusReader.Items(status, "conditions")
            .Where(condition => types.Contains(StatusReader.Text(condition, "type"))
                && StatusReader.Text(condition, "status") == ConditionStatus.False)
            .Select(StatusReader.Explain)
            .FirstOrDefault();

    private protected Problem NoFailover(string what) => new(
        Reasons.NoFailover, $"{Provider} {what}, so that traffic stops when its node fails.");

    private protected Problem FirstPacketsMayLeak() => new(
        Reasons.FirstPacketsMayLeak,
        $"{Provider} lets the first packets of a pod leave by the node's address; the gate holds dynos back until "
        + "theirs do not.");
}

/// <summary>An object of a provider as it was observed.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Fault">The fault that its status reports; null for none.</param>
public sealed record ObservedProviderObject(ProviderKind Kind, string Name, string? Fault);
