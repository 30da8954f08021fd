using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Dynospace.Api;

/// <summary>What a reason says about the time to come.</summary>
public enum ReasonNature
{
    /// <summary>The object is as it should be.</summary>
    Normal,

    /// <summary>The object is on its way and needs no help.</summary>
    Passing,

    /// <summary>The object works, and still deserves a look.</summary>
    Warning,

    /// <summary>A fault that may heal by itself or when another object changes.</summary>
    MayPass,

    /// <summary>A fault that no time heals: the spec, or what stands in its way, must change.</summary>
    Stalling,
}

/// <summary>The reason of a condition or an event: its name on the wire, and its nature.</summary>
public sealed class Reason : IEquatable<Reason>
{
    internal Reason(string name, ReasonNature nature, bool isEarly = false)
    {
        Name = name;
        Nature = nature;
        IsEarly = isEarly;
    }

    /// <summary>What stands in the condition.</summary>
    public string Name { get; }

    /// <summary>Whether it passes, informs, may pass or stalls.</summary>
    public ReasonNature Nature { get; }

    /// <summary>
    /// Whether every object goes through it on its way up, so that it is news only after better times.
    /// </summary>
    public bool IsEarly { get; }

    /// <summary>Whether the object is on its way and needs no help.</summary>
    public bool IsPassing => Nature == ReasonNature.Passing;

    /// <summary>Whether something is wrong: what may heal, and what does not.</summary>
    public bool IsFault => Nature is ReasonNature.MayPass or ReasonNature.Stalling;

    /// <summary>The name, as conditions carry it.</summary>
    [return: NotNullIfNotNull(nameof(reason))]
    public static implicit operator string?(Reason? reason) => reason?.Name;

    /// <summary>Whether both have the same name.</summary>
    public static bool operator ==(Reason? left, Reason? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the names differ.</summary>
    public static bool operator !=(Reason? left, Reason? right) => !(left == right);

    /// <summary>
    /// The reason of a name that a condition carries. A name of another version is neither passing nor early.
    /// </summary>
    public static Reason FromName(string name) => Reasons.All.GetValueOrDefault(name) ?? new(name, ReasonNature.Normal);

    /// <inheritdoc/>
    public bool Equals(Reason? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Reason);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Reasons of conditions and events. Public API: people and alerts match on them.</summary>
public static class Reasons
{
    /// <summary>All is as it should be.</summary>
    public static readonly Reason Ready = new(nameof(Ready), ReasonNature.Normal);

    /// <summary>Work is under way; the message says which.</summary>
    public static readonly Reason Progressing = new(nameof(Progressing), ReasonNature.Passing, isEarly: true);

    /// <summary>The object is being deleted.</summary>
    public static readonly Reason Deleting = new(nameof(Deleting), ReasonNature.Passing, isEarly: true);

    /// <summary>The API server refused an object; the message quotes it.</summary>
    public static readonly Reason ApplyFailed = new(nameof(ApplyFailed), ReasonNature.MayPass);

    /// <summary>
    /// The API server stores an object otherwise than it was applied: a mutating webhook or admission policy changes
    /// it.
    /// </summary>
    public static readonly Reason ChangedByAdmission = new(nameof(ChangedByAdmission), ReasonNature.MayPass);

    /// <summary>The operator applied objects.</summary>
    public static readonly Reason Applied = new(nameof(Applied), ReasonNature.Normal);

    /// <summary>A name is taken by an object that the operator did not make.</summary>
    public static readonly Reason NameTaken = new(nameof(NameTaken), ReasonNature.Stalling);

    /// <summary>
    /// A PodDisruptionBudget that the app needs is missing, so drains may take all dynos of a process type at once.
    /// </summary>
    public static readonly Reason DisruptionBudgetMissing = new(
        nameof(DisruptionBudgetMissing), ReasonNature.Warning);

    /// <summary>A namespace of the space's name exists and is not marked for adoption.</summary>
    public static readonly Reason NamespaceNotAdopted = new(nameof(NamespaceNotAdopted), ReasonNature.MayPass);

    /// <summary>The namespace is being deleted.</summary>
    public static readonly Reason NamespaceTerminating = new(nameof(NamespaceTerminating), ReasonNature.Passing);

    /// <summary>The namespace of an App belongs to no Space.</summary>
    public static readonly Reason SpaceNotFound = new(nameof(SpaceNotFound), ReasonNature.MayPass);

    /// <summary>The space is not ready for dynos yet.</summary>
    public static readonly Reason SpaceNotReady = new(nameof(SpaceNotReady), ReasonNature.Passing, isEarly: true);

    /// <summary>Internal routing is asked for in a Common space.</summary>
    public static readonly Reason InternalRoutingUnsupported = new(
        nameof(InternalRoutingUnsupported), ReasonNature.Stalling);

    /// <summary>A process asks for a size that the runtime of its space does not have.</summary>
    public static readonly Reason SizeUnsupported = new(nameof(SizeUnsupported), ReasonNature.Stalling);

    /// <summary>Web dynos are up, and the Service before them knows none.</summary>
    public static readonly Reason NoEndpoints = new(nameof(NoEndpoints), ReasonNature.MayPass, isEarly: true);

    /// <summary>An App asks for more dynos than it may have.</summary>
    public static readonly Reason TooManyDynos = new(nameof(TooManyDynos), ReasonNature.Stalling);

    /// <summary>
    /// A Secret that <c>configFrom</c> names holds a service account's token, which no dyno may have.
    /// </summary>
    public static readonly Reason SecretRefused = new(nameof(SecretRefused), ReasonNature.Stalling);

    /// <summary>A Secret that <c>configFrom</c> names does not exist.</summary>
    public static readonly Reason SecretNotFound = new(nameof(SecretNotFound), ReasonNature.MayPass);

    /// <summary>Two ranges of a space overlap or cover the cluster's own.</summary>
    public static readonly Reason RangeConflict = new(nameof(RangeConflict), ReasonNature.Stalling);

    /// <summary>A data service's selector matches no pod.</summary>
    public static readonly Reason SelectorMatchesNothing = new(nameof(SelectorMatchesNothing), ReasonNature.Warning);

    /// <summary>The release phase runs.</summary>
    public static readonly Reason ReleasePhaseRunning = new(nameof(ReleasePhaseRunning), ReasonNature.Passing);

    /// <summary>The release phase ended with an error; the previous release stays.</summary>
    public static readonly Reason ReleasePhaseFailed = new(nameof(ReleasePhaseFailed), ReasonNature.Stalling);

    /// <summary><c>spec.rollbackTo</c> names a release that cannot be run again.</summary>
    public static readonly Reason RollbackRefused = new(nameof(RollbackRefused), ReasonNature.Stalling);

    /// <summary>A new release went out.</summary>
    public static readonly Reason Released = new(nameof(Released), ReasonNature.Normal);

    /// <summary>The formation is up.</summary>
    public static readonly Reason FormationUp = new(nameof(FormationUp), ReasonNature.Normal);

    /// <summary>The formation asks for no dynos.</summary>
    public static readonly Reason ScaledToZero = new(nameof(ScaledToZero), ReasonNature.Normal);

    /// <summary>Some dynos are not up.</summary>
    public static readonly Reason DynosNotUp = new(nameof(DynosNotUp), ReasonNature.MayPass, isEarly: true);

    /// <summary>
    /// No dyno came up for as long as the platform waits; the message names one, and where its log is.
    /// </summary>
    public static readonly Reason ProgressDeadlineExceeded = new(
        nameof(ProgressDeadlineExceeded), ReasonNature.MayPass);

    /// <summary>A route to at least one web dyno exists.</summary>
    public static readonly Reason Routed = new(nameof(Routed), ReasonNature.Normal);

    /// <summary>The app has no web process.</summary>
    public static readonly Reason NoWebProcess = new(nameof(NoWebProcess), ReasonNature.Passing, isEarly: true);

    /// <summary>No web dyno is up.</summary>
    public static readonly Reason NoWebDynos = new(nameof(NoWebDynos), ReasonNature.MayPass, isEarly: true);

    /// <summary>The App that a Dyno names does not exist.</summary>
    public static readonly Reason AppNotFound = new(nameof(AppNotFound), ReasonNature.MayPass);

    /// <summary>The app has no release yet, or not the one asked for.</summary>
    public static readonly Reason ReleaseNotFound = new(nameof(ReleaseNotFound), ReasonNature.MayPass);

    /// <summary>A Dyno that people made names a process type of the formation.</summary>
    public static readonly Reason NotOneOff = new(nameof(NotOneOff), ReasonNature.Stalling);

    /// <summary>A run in a Shield space takes input, and the operator's options name no recorder for it.</summary>
    public static readonly Reason RecorderMissing = new(nameof(RecorderMissing), ReasonNature.Stalling);

    /// <summary>A run that is recorded names no command: the recorder cannot know the image's own.</summary>
    public static readonly Reason CommandRequired = new(nameof(CommandRequired), ReasonNature.Stalling);

    /// <summary>The process runs.</summary>
    public static readonly Reason Up = new(nameof(Up), ReasonNature.Normal);

    /// <summary>The pod is not ready yet.</summary>
    public static readonly Reason Starting = new(nameof(Starting), ReasonNature.Passing, isEarly: true);

    /// <summary>No node takes the pod.</summary>
    public static readonly Reason Unschedulable = new(nameof(Unschedulable), ReasonNature.MayPass);

    /// <summary>The image cannot be pulled.</summary>
    public static readonly Reason ImagePullFailed = new(nameof(ImagePullFailed), ReasonNature.MayPass);

    /// <summary>The container cannot be made, mostly for a missing Secret or key.</summary>
    public static readonly Reason ContainerConfigError = new(nameof(ContainerConfigError), ReasonNature.MayPass);

    /// <summary>The process ended and is started again (the platform's H10).</summary>
    public static readonly Reason Crashed = new(nameof(Crashed), ReasonNature.MayPass);

    /// <summary>The process was killed for using too much memory (the platform's R14, R15).</summary>
    public static readonly Reason MemoryQuotaExceeded = new(nameof(MemoryQuotaExceeded), ReasonNature.MayPass);

    /// <summary>The web process did not bind <c>$PORT</c> in time (the platform's R10).</summary>
    public static readonly Reason BootTimeout = new(nameof(BootTimeout), ReasonNature.MayPass);

    /// <summary>A one-off ended well.</summary>
    public static readonly Reason Completed = new(nameof(Completed), ReasonNature.Passing);

    /// <summary>A one-off ended with an error.</summary>
    public static readonly Reason Failed = new(nameof(Failed), ReasonNature.Stalling);

    /// <summary>The pod was lost and another takes its place.</summary>
    public static readonly Reason Replacing = new(nameof(Replacing), ReasonNature.Passing);

    /// <summary>The network was seen to enforce the policies.</summary>
    public static readonly Reason Enforced = new(nameof(Enforced), ReasonNature.Normal);

    /// <summary>The network lets through what the policies forbid.</summary>
    public static readonly Reason NotEnforced = new(nameof(NotEnforced), ReasonNature.Stalling);

    /// <summary>A dev cluster: there are no packets to check.</summary>
    public static readonly Reason Simulated = new(nameof(Simulated), ReasonNature.Passing, isEarly: true);

    /// <summary>What the spec asks for is not part of this version.</summary>
    public static readonly Reason NotProvisioned = new(nameof(NotProvisioned), ReasonNature.Warning);

    /// <summary>The check has not run yet.</summary>
    public static readonly Reason NotVerified = new(nameof(NotVerified), ReasonNature.Passing, isEarly: true);

    /// <summary>An object that was edited or deleted by hand was put back.</summary>
    public static readonly Reason Restored = new(nameof(Restored), ReasonNature.Normal);

    /// <summary>A dyno was made.</summary>
    public static readonly Reason DynoCreated = new(nameof(DynoCreated), ReasonNature.Normal);

    /// <summary>A dyno was taken away.</summary>
    public static readonly Reason DynoDeleted = new(nameof(DynoDeleted), ReasonNature.Normal);

    /// <summary>A pod was made.</summary>
    public static readonly Reason PodCreated = new(nameof(PodCreated), ReasonNature.Normal);

    /// <summary>A pod was deleted.</summary>
    public static readonly Reason PodDeleted = new(nameof(PodDeleted), ReasonNature.Normal);

    /// <summary>
    /// The namespace holds policies that the operator did not make; policies add up, so they may allow more.
    /// </summary>
    public static readonly Reason ForeignPolicies = new(nameof(ForeignPolicies), ReasonNature.Warning);

    /// <summary>An object of the cluster states an address that cannot be used, so it cannot be denied.</summary>
    public static readonly Reason ClusterAddressUnusable = new(nameof(ClusterAddressUnusable), ReasonNature.Warning);

    /// <summary>
    /// Pods or Services have public addresses outside every range that the cluster or the options name.
    /// </summary>
    public static readonly Reason ClusterRangesUnknown = new(nameof(ClusterRangesUnknown), ReasonNature.Warning);

    /// <summary>PROXY headers are believed from addresses that dynos may have.</summary>
    public static readonly Reason ProxyRangeTooWide = new(nameof(ProxyRangeTooWide), ReasonNature.Warning);

    /// <summary>The cluster's DNS was not found where the options or well-known names say.</summary>
    public static readonly Reason DnsNotFound = new(nameof(DnsNotFound), ReasonNature.Warning);

    /// <summary>No node carries the region's label.</summary>
    public static readonly Reason RegionNotFound = new(nameof(RegionNotFound), ReasonNature.MayPass);

    /// <summary>A release is being rolled out, a quarter of each process type at a time.</summary>
    public static readonly Reason RollingOut = new(nameof(RollingOut), ReasonNature.Passing);

    /// <summary>A data service lies where no data service may be.</summary>
    public static readonly Reason DataServiceRefused = new(nameof(DataServiceRefused), ReasonNature.Stalling);

    /// <summary>A domain that the App asks for is kept for an App that is gone, for a while.</summary>
    public static readonly Reason DomainVacant = new(nameof(DomainVacant), ReasonNature.Passing);

    /// <summary>A domain that the App asks for is granted to another App, or is the platform's own.</summary>
    public static readonly Reason DomainTaken = new(nameof(DomainTaken), ReasonNature.Stalling);

    /// <summary>A Secret that <c>tls.secrets</c> names holds no certificate.</summary>
    public static readonly Reason SecretNotTls = new(nameof(SecretNotTls), ReasonNature.Stalling);

    /// <summary>No pod of a router serves.</summary>
    public static readonly Reason RouterNotAvailable = new(
        nameof(RouterNotAvailable), ReasonNature.MayPass, isEarly: true);

    /// <summary>No pod of a space's DNS answers.</summary>
    public static readonly Reason DnsNotAvailable = new(nameof(DnsNotAvailable), ReasonNature.MayPass, isEarly: true);

    /// <summary>A load balancer has no address yet.</summary>
    public static readonly Reason AddressPending = new(nameof(AddressPending), ReasonNature.MayPass, isEarly: true);

    /// <summary>
    /// The cluster's own gateway cannot keep out whom the space does not trust, so nothing is routed.
    /// </summary>
    public static readonly Reason TrustedIPRangesUnsupported = new(
        nameof(TrustedIPRangesUnsupported), ReasonNature.Stalling);

    /// <summary>The cluster does not serve a kind that the operator's options ask for.</summary>
    public static readonly Reason ProviderNotInstalled = new(nameof(ProviderNotInstalled), ReasonNature.MayPass);

    /// <summary>A gateway of the cluster does not take a route.</summary>
    public static readonly Reason RouteRefused = new(nameof(RouteRefused), ReasonNature.MayPass);

    /// <summary>The app is in maintenance, for which a gateway of the cluster has no page.</summary>
    public static readonly Reason InMaintenance = new(nameof(InMaintenance), ReasonNature.Passing);

    /// <summary>A certificate was ordered and is not there yet.</summary>
    public static readonly Reason CertificatePending = new(
        nameof(CertificatePending), ReasonNature.Passing, isEarly: true);

    /// <summary>The spec makes sense where it stands.</summary>
    public static readonly Reason Accepted = new(nameof(Accepted), ReasonNature.Normal);

    /// <summary>The pod of a one-off went away before it ended.</summary>
    public static readonly Reason PodLost = new(nameof(PodLost), ReasonNature.Stalling);

    /// <summary>Something on a node or in its cluster keeps a part of the node agent from its work.</summary>
    public static readonly Reason NodeObstacle = new(nameof(NodeObstacle), ReasonNature.MayPass);

    /// <summary>A fixed IP that the Space asks for is granted to another Space.</summary>
    public static readonly Reason AddressTaken = new(nameof(AddressTaken), ReasonNature.Stalling);

    /// <summary>A fixed IP that the Space asks for cannot be one.</summary>
    public static readonly Reason AddressRefused = new(nameof(AddressRefused), ReasonNature.Stalling);

    /// <summary>A machine that is not a gateway has a fixed IP.</summary>
    public static readonly Reason AddressOccupied = new(nameof(AddressOccupied), ReasonNature.MayPass);

    /// <summary>The pool of fixed IPs has no free address.</summary>
    public static readonly Reason PoolExhausted = new(nameof(PoolExhausted), ReasonNature.MayPass);

    /// <summary>No node may have a fixed IP.</summary>
    public static readonly Reason NoGateway = new(nameof(NoGateway), ReasonNature.MayPass);

    /// <summary>No gateway has a fixed IP at present.</summary>
    public static readonly Reason GatewayUnavailable = new(
        nameof(GatewayUnavailable), ReasonNature.MayPass, isEarly: true);

    /// <summary>More than half of a fixed IP's source ports are in use.</summary>
    public static readonly Reason PortsScarce = new(nameof(PortsScarce), ReasonNature.Warning);

    /// <summary>A node has no source ports on a fixed IP, so that dynos there have no way out.</summary>
    public static readonly Reason PortsExhausted = new(nameof(PortsExhausted), ReasonNature.MayPass);

    /// <summary>Traffic stops when the node that has a fixed IP fails.</summary>
    public static readonly Reason NoFailover = new(nameof(NoFailover), ReasonNature.Warning);

    /// <summary>
    /// The provider may let packets leave from another address before it knows a pod; the gate holds the dyno back.
    /// </summary>
    public static readonly Reason FirstPacketsMayLeak = new(nameof(FirstPacketsMayLeak), ReasonNature.Warning);

    /// <summary>Nothing outside the cluster shows which address traffic leaves by.</summary>
    public static readonly Reason EgressNotProven = new(nameof(EgressNotProven), ReasonNature.MayPass);

    /// <summary>The provider of fixed IPs cannot do what the Space asks, or says that it has not.</summary>
    public static readonly Reason EgressRefused = new(nameof(EgressRefused), ReasonNature.MayPass);

    /// <summary>All reasons by name.</summary>
    internal static FrozenDictionary<string, Reason> All { get; } = typeof(Reasons)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (Reason)field.GetValue(null)!)
        .ToFrozenDictionary(reason => reason.Name, StringComparer.Ordinal);
}
