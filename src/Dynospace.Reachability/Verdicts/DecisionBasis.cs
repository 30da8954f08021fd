namespace Dynospace.Reachability;

/// <summary>Why one side of a connection admits it or not.</summary>
public enum DecisionBasis
{
    /// <summary>This end is no pod, or a pod on the host network: policies do not apply to it.</summary>
    NotSubjectToPolicy,

    /// <summary>No policy selects the pod for this direction.</summary>
    NotIsolated,

    /// <summary>The other end is the node that the pod runs on.</summary>
    OwnNode,

    /// <summary>A rule admits the connection.</summary>
    Admitted,

    /// <summary>Policies isolate the pod and none of their rules admits the connection. The only basis that denies.</summary>
    NoRuleAdmits,
}
