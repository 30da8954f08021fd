namespace Dynospace.Api;

/// <summary>Reasons of conditions and events. Public API: people and alerts match on them.</summary>
public static class Reasons
{
    /// <summary>All is as it should be.</summary>
    public const string Ready = "Ready";

    /// <summary>Work is under way; the message says which.</summary>
    public const string Progressing = "Progressing";

    /// <summary>The object is being deleted.</summary>
    public const string Deleting = "Deleting";

    /// <summary>The API server refused an object; the message quotes it.</summary>
    public const string ApplyFailed = "ApplyFailed";

    /// <summary>The operator applied objects.</summary>
    public const string Applied = "Applied";

    /// <summary>A name is taken by an object that the operator did not make.</summary>
    public const string NameTaken = "NameTaken";

    /// <summary>A namespace of the space's name exists and is not marked for adoption.</summary>
    public const string NamespaceNotAdopted = "NamespaceNotAdopted";

    /// <summary>The namespace is being deleted.</summary>
    public const string NamespaceTerminating = "NamespaceTerminating";

    /// <summary>The namespace of an App belongs to no Space.</summary>
    public const string SpaceNotFound = "SpaceNotFound";

    /// <summary>The space is not ready for dynos yet.</summary>
    public const string SpaceNotReady = "SpaceNotReady";

    /// <summary>Internal routing is asked for in a Common space.</summary>
    public const string InternalRoutingUnsupported = "InternalRoutingUnsupported";

    /// <summary>A Secret that <c>configFrom</c> names holds a service account's token, which no dyno may have.</summary>
    public const string SecretRefused = "SecretRefused";

    /// <summary>A Secret that <c>configFrom</c> names does not exist.</summary>
    public const string SecretNotFound = "SecretNotFound";

    /// <summary>Two ranges of a space overlap or cover the cluster's own.</summary>
    public const string RangeConflict = "RangeConflict";

    /// <summary>A data service's selector matches no pod.</summary>
    public const string SelectorMatchesNothing = "SelectorMatchesNothing";

    /// <summary>The release phase runs.</summary>
    public const string ReleasePhaseRunning = "ReleasePhaseRunning";

    /// <summary>The release phase ended with an error; the previous release stays.</summary>
    public const string ReleasePhaseFailed = "ReleasePhaseFailed";

    /// <summary>A new release went out.</summary>
    public const string Released = "Released";

    /// <summary>The formation is up.</summary>
    public const string FormationUp = "FormationUp";

    /// <summary>The formation asks for no dynos.</summary>
    public const string ScaledToZero = "ScaledToZero";

    /// <summary>Some dynos are not up.</summary>
    public const string DynosNotUp = "DynosNotUp";

    /// <summary>A route to at least one web dyno exists.</summary>
    public const string Routed = "Routed";

    /// <summary>The app has no web process.</summary>
    public const string NoWebProcess = "NoWebProcess";

    /// <summary>No web dyno is up.</summary>
    public const string NoWebDynos = "NoWebDynos";

    /// <summary>The App that a Dyno names does not exist.</summary>
    public const string AppNotFound = "AppNotFound";

    /// <summary>The app has no release yet, or not the one asked for.</summary>
    public const string ReleaseNotFound = "ReleaseNotFound";

    /// <summary>A Dyno that people made names a process type of the formation.</summary>
    public const string NotOneOff = "NotOneOff";

    /// <summary>The process runs.</summary>
    public const string Up = "Up";

    /// <summary>The pod is not ready yet.</summary>
    public const string Starting = "Starting";

    /// <summary>No node takes the pod.</summary>
    public const string Unschedulable = "Unschedulable";

    /// <summary>The image cannot be pulled.</summary>
    public const string ImagePullFailed = "ImagePullFailed";

    /// <summary>The container cannot be made, mostly for a missing Secret or key.</summary>
    public const string ContainerConfigError = "ContainerConfigError";

    /// <summary>The process ended and is started again (the platform's H10).</summary>
    public const string Crashed = "Crashed";

    /// <summary>The process was killed for using too much memory (the platform's R14, R15).</summary>
    public const string MemoryQuotaExceeded = "MemoryQuotaExceeded";

    /// <summary>The web process did not bind <c>$PORT</c> in time (the platform's R10).</summary>
    public const string BootTimeout = "BootTimeout";

    /// <summary>A one-off ended well.</summary>
    public const string Completed = "Completed";

    /// <summary>A one-off ended with an error.</summary>
    public const string Failed = "Failed";

    /// <summary>The pod was lost and another takes its place.</summary>
    public const string Replacing = "Replacing";

    /// <summary>The network was seen to enforce the policies.</summary>
    public const string Enforced = "Enforced";

    /// <summary>The network lets through what the policies forbid.</summary>
    public const string NotEnforced = "NotEnforced";

    /// <summary>A dev cluster: there are no packets to check.</summary>
    public const string Simulated = "Simulated";

    /// <summary>What the spec asks for is not part of this version.</summary>
    public const string NotProvisioned = "NotProvisioned";

    /// <summary>The check has not run yet.</summary>
    public const string NotVerified = "NotVerified";

    /// <summary>An object that was edited or deleted by hand was put back.</summary>
    public const string Restored = "Restored";

    /// <summary>A dyno was made.</summary>
    public const string DynoCreated = "DynoCreated";

    /// <summary>A dyno was taken away.</summary>
    public const string DynoDeleted = "DynoDeleted";

    /// <summary>A pod was made.</summary>
    public const string PodCreated = "PodCreated";

    /// <summary>A pod was deleted.</summary>
    public const string PodDeleted = "PodDeleted";

    /// <summary>The namespace holds policies that the operator did not make; policies add up, so they may allow more.</summary>
    public const string ForeignPolicies = "ForeignPolicies";

    /// <summary>No node carries the region's label.</summary>
    public const string RegionNotFound = "RegionNotFound";

    /// <summary>A release is being rolled out, a quarter of each process type at a time.</summary>
    public const string RollingOut = "RollingOut";

    /// <summary>A data service lies where no data service may be.</summary>
    public const string DataServiceRefused = "DataServiceRefused";

    /// <summary>Another, older app has a domain that this one asks for, or it is the platform's own.</summary>
    public const string DomainTaken = "DomainTaken";

    /// <summary>A Secret that <c>tls.secrets</c> names holds no certificate.</summary>
    public const string SecretNotTls = "SecretNotTls";

    /// <summary>No pod of a router serves.</summary>
    public const string RouterNotAvailable = "RouterNotAvailable";

    /// <summary>A load balancer has no address yet.</summary>
    public const string AddressPending = "AddressPending";

    /// <summary>The cluster's own gateway cannot keep out whom the space does not trust, so nothing is routed.</summary>
    public const string TrustedIPRangesUnsupported = "TrustedIPRangesUnsupported";

    /// <summary>The cluster does not serve a kind that the operator's options ask for.</summary>
    public const string ProviderNotInstalled = "ProviderNotInstalled";

    /// <summary>A gateway of the cluster does not take a route.</summary>
    public const string RouteRefused = "RouteRefused";

    /// <summary>The app is in maintenance, for which a gateway of the cluster has no page.</summary>
    public const string InMaintenance = "InMaintenance";

    /// <summary>A certificate was ordered and is not there yet.</summary>
    public const string CertificatePending = "CertificatePending";

    /// <summary>The spec makes sense where it stands.</summary>
    public const string Accepted = "Accepted";

    /// <summary>The pod of a one-off went away before it ended.</summary>
    public const string PodLost = "PodLost";
}
