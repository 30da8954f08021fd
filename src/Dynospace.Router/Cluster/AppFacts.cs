using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Hosts;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Router.Cluster;

/// <summary>The facts of an App that the router caches. It needs no config vars, so none are kept in memory.</summary>
internal sealed record AppFacts
{
    /// <summary>The App's namespace and name.</summary>
    public required ObjectKey Key { get; init; }

    /// <summary>The hosts that the operator granted to the App; none before the operator has processed it.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// Decides which of two apps serves a host that is granted to both while the operator withdraws it from one.
    /// </summary>
    public required HostSeniority Seniority { get; init; }

    /// <summary>Whether only the internal listener serves it.</summary>
    public bool HasInternalRouting { get; init; }

    public bool IsInMaintenance { get; init; }

    public bool RedirectsToHttps { get; init; }

    /// <summary>How many web dynos its spec asks for.</summary>
    public int WebQuantity { get; init; }

    /// <summary>Whether the App has a release.</summary>
    public bool IsReleased { get; init; }

    /// <summary>The names of its certificates' Secrets, in its namespace.</summary>
    public IReadOnlyList<string> TlsSecrets { get; init; } = [];

    public static AppFacts Decode(JsonElement element) => FromApp(JsonObjects.To<App>(element));

    public static AppFacts FromApp(App app)
    {
        var web = app.Spec.Processes?.FirstOrDefault(process => process.Type == ProcessTypes.Web);
        return new AppFacts
        {
            Key = new ObjectKey(app.Metadata.NamespaceProperty, app.Metadata.Name),
            Hosts = [.. app.Status?.Hosts ?? []],
            Seniority = HostSeniority.FromApp(app),
            HasInternalRouting = app.Spec.InternalRouting,
            IsInMaintenance = app.Spec.Maintenance,
            RedirectsToHttps = app.Spec.Tls?.Redirect == true,
            WebQuantity = web is null ? 0 : app.Spec.Replicas ?? web.Quantity,
            IsReleased = app.Status?.Release is not null,
            TlsSecrets = TlsNames.SecretsOf(app),
        };
    }
}

/// <summary>
/// The order in which the operator grants hosts: apps that are being deleted claim nothing, then the older claim comes
/// first, then the smaller uid.
/// </summary>
internal sealed record HostSeniority(bool IsDeleting, ClaimAge Age) : IComparable<HostSeniority>
{
    public static HostSeniority FromApp(App app) =>
        new(app.Metadata.DeletionTimestamp is not null, DomainClaimant.FromApp(app).Age);

    public int CompareTo(HostSeniority? other) => other is null ? -1
        : IsDeleting.CompareTo(other.IsDeleting) is not 0 and var order ? order
        : ClaimAge.Order.Compare(Age, other.Age);
}

/// <summary>
/// The facts of a web Dyno that the router caches: its app and its state. They decide the error for an app without
/// endpoints.
/// </summary>
internal sealed record DynoFacts(ObjectKey App, DynoState? State)
{
    public static DynoFacts Decode(JsonElement element)
    {
        var dyno = JsonObjects.To<Dyno>(element);
        return new DynoFacts(new ObjectKey(dyno.Metadata.NamespaceProperty, dyno.Spec.App), dyno.Status?.State);
    }
}

/// <summary>The facts of an EndpointSlice that the router caches.</summary>
/// <param name="Service">Its Service; null if owner reference and label do not agree on it.</param>
/// <param name="Ports">Its TCP ports.</param>
/// <param name="Endpoints">The pods that are ready.</param>
internal sealed record SliceFacts(
    ObjectKey? Service, ImmutableArray<int> Ports, ImmutableArray<SliceEndpoint> Endpoints)
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    public static SliceFacts Decode(JsonElement element) => FromSlice(JsonObjects.To<V1EndpointSlice>(element));

    public static SliceFacts FromSlice(V1EndpointSlice slice)
    {
        var name = slice.Metadata.Labels?.TryGetValue(ServiceLabel, out var label) == true ? label : null;
        var isOwned = slice.Metadata.OwnerReferences?.Any(owner =>
            owner is { Kind: "Service", ApiVersion: "v1", Controller: true } && owner.Name == name) == true;
        return new SliceFacts(
            isOwned ? new ObjectKey(slice.Metadata.NamespaceProperty, name!) : null,
            [
                .. (slice.Ports ?? []).Where(port => port.Protocol is null or "TCP")
                    .Select(port => port.Port)
                    .OfType<int>(),
            ],
            [
                .. (slice.Endpoints ?? []).Where(IsReady)
                    .Select(endpoint => Endpoint(slice, endpoint))
                    .OfType<SliceEndpoint>(),
            ]);
    }

    /// <summary>
    /// An absent condition means ready. A dyno that is terminating is not ready, even if its process still answers.
    /// </summary>
    private static bool IsReady(V1Endpoint endpoint) =>
        endpoint.Conditions?.Ready != false && endpoint.Conditions?.Terminating != true;

    private static SliceEndpoint? Endpoint(V1EndpointSlice slice, V1Endpoint endpoint) =>
        endpoint is { TargetRef: { Kind: "Pod" } target, Addresses: [var text, ..] }
        && target.NamespaceProperty == slice.Metadata.NamespaceProperty
        && IPAddress.TryParse(text, out var address)
            ? new SliceEndpoint(target.Name, address)
            : null;
}

/// <summary>A pod that is ready, and its address.</summary>
internal sealed record SliceEndpoint(string Pod, IPAddress Address);
