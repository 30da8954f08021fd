namespace Dynospace.Api;

/// <summary>
/// Condition types. True is good, but for <see cref="Reconciling"/> and <see cref="Stalled"/>, which are there only
/// while true (kstatus).
/// </summary>
public static class ConditionTypes
{
    /// <summary>Sums up the others.</summary>
    public const string Ready = "Ready";

    /// <summary>kstatus: work is under way.</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>kstatus: no progress without a change by a user.</summary>
    public const string Stalled = "Stalled";

    /// <summary>Space: the namespace exists and is the space's own.</summary>
    public const string NamespaceReady = "NamespaceReady";

    /// <summary>Space: all policies are in place as planned.</summary>
    public const string NetworkIsolated = "NetworkIsolated";

    /// <summary>Space: the cluster's network was seen to enforce the policies.</summary>
    public const string IsolationVerified = "IsolationVerified";

    /// <summary>Space: the router serves.</summary>
    public const string RouterReady = "RouterReady";

    /// <summary>Space: its own DNS answers; only where it has one.</summary>
    public const string DnsReady = "DnsReady";

    /// <summary>Space: traffic leaves by the fixed addresses.</summary>
    public const string EgressReady = "EgressReady";

    /// <summary>App: the spec makes sense where it stands.</summary>
    public const string Accepted = "Accepted";

    /// <summary>App: the newest release went out.</summary>
    public const string Released = "Released";

    /// <summary>App: the formation is up.</summary>
    public const string Available = "Available";

    /// <summary>App: its web requests are routed.</summary>
    public const string Routed = "Routed";

    /// <summary>Dyno: the process runs and, for web, answers on its port.</summary>
    public const string Up = "Up";

    /// <summary>NodeNetwork: new pods of the node get a subnet of their own.</summary>
    public const string DynoNetworkReady = "DynoNetworkReady";

    /// <summary>NodeNetwork: NetworkPolicies are enforced on the node.</summary>
    public const string PoliciesEnforced = "PoliciesEnforced";
}
