using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Egress;

/// <summary>The egress gateways of clusters, and the choice among them.</summary>
public static class EgressProviders
{
    private static readonly ForeignEgress[] All =
        [new CiliumEgress(), new AntreaEgress(), new OvnKubernetesEgress(), new SpidernetEgress(), new KubeOvnEgress()];

    /// <summary>The kinds of all providers, so that objects left behind by a change of options are found.</summary>
    public static IReadOnlyList<ProviderKind> Kinds { get; } = [.. All.SelectMany(provider => provider.Kinds)];

    /// <summary>A provider of the cluster; null for the built-in one, External and None.</summary>
    public static ForeignEgress? Find(EgressProvider provider) =>
        Array.Find(All, foreign => foreign.Provider == provider);

    /// <summary>The fault that the status of a provider's object reports; null for none.</summary>
    public static string? FaultIn(ProviderKind kind, JsonElement status) =>
        Array.Find(All, foreign => foreign.Kinds.Contains(kind))?.FaultIn(kind, status);

    /// <summary>The kinds to watch with these options.</summary>
    public static IReadOnlyList<ProviderKind> KindsFor(EgressOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Provider == EgressProvider.Auto ? Kinds : Find(options.Provider)?.Kinds ?? [];
    }

    /// <summary>The provider in charge of a Space.</summary>
    /// <param name="served">The kinds that the cluster serves, among those that are watched.</param>
    public static EgressProvider InChargeOf(
        Space space, IReadOnlyCollection<ProviderKind> served, EgressOptions options)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(options);
        var wanted = space.Spec.Egress?.Provider ?? options.Provider;
        return wanted == EgressProvider.Auto
            ? Array.Find(All, foreign => foreign.Kinds.All(served.Contains))?.Provider ?? EgressProvider.Builtin
            : wanted;
    }

    /// <summary>Plans the objects of the provider that carries a space's egress.</summary>
    /// <param name="served">The kinds that the cluster serves, among those that are watched.</param>
    /// <param name="observed">The objects that exist for the space.</param>
    public static ForeignPlan Plan(
        EgressProvider provider,
        EgressDraft draft,
        IReadOnlyCollection<ProviderKind> served,
        IReadOnlyList<ObservedProviderObject> observed)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (Find(provider) is not { } foreign)
        {
            return new([], []);
        }

        if (foreign.Kinds.Except(KindsFor(draft.Options.Egress)).Any())
        {
            return new([], [new(
                Reasons.ProviderNotInstalled,
                $"spec.egress.provider {provider} is not the one of the operator's option egressProvider "
                + $"{draft.Options.Egress.Provider}: remove it, or let the platform team choose {provider} or Auto.")]);
        }

        if (foreign.Kinds.FirstOrDefault(kind => !served.Contains(kind)) is { } absent)
        {
            return new([], [new(
                Reasons.ProviderNotInstalled,
                $"The cluster does not serve {absent}: install {provider} with its egress gateway, or choose another "
                + "egress provider.")]);
        }

        if (foreign.Refusal(draft) is { } refusal)
        {
            return new([], [refusal]);
        }

        var objects = draft.Addresses.Count == 0 ? [] : foreign.Build(draft);
        var faults = observed
            .Where(found => found.Fault is not null
                && objects.Any(made => made.Type == found.Kind && made.Metadata.Name == found.Name))
            .Select(found => new Problem(
                Reasons.EgressRefused, $"{found.Kind.Kind} {found.Name} says {found.Fault!.TrimEnd('.')}."));
        var missing = objects
            .Where(made => observed.All(found => found.Kind != made.Type || found.Name != made.Metadata.Name))
            .Select(made => new Problem(
                Reasons.Progressing,
                $"{made.Kind} {made.Metadata.Name} is being created; if that fails, an event of the Space says why."));
        return new(objects, [.. faults, .. missing, .. foreign.Limits]);
    }
}

/// <summary>The plan of a cluster's provider for a space.</summary>
/// <param name="Objects">The objects that must exist.</param>
/// <param name="Problems">Faults and limits of the provider, faults first.</param>
public sealed record ForeignPlan(IReadOnlyList<ProviderObject> Objects, IReadOnlyList<Problem> Problems);
