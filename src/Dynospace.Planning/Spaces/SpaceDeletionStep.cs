namespace Dynospace.Planning.Spaces;

/// <summary>The next step of a space's deletion. Dynos go before the policies that fence them, and these before the namespace.</summary>
public enum SpaceDeletionStep
{
    /// <summary>Delete all Apps and Dynos of the namespace.</summary>
    DeleteApps,

    /// <summary>Wait until the last dyno's pod is gone.</summary>
    WaitForDynos,

    /// <summary>Wait until the last pod and part of the space's routers is gone.</summary>
    WaitForRouters,

    /// <summary>Delete the policies in <see cref="SpacePlan.PoliciesToDelete"/>.</summary>
    DeletePolicies,

    /// <summary>Delete the namespace, which the operator made.</summary>
    DeleteNamespace,

    /// <summary>Take the space's labels off the namespace, which was adopted and is not the operator's to delete.</summary>
    ReleaseNamespace,

    /// <summary>Wait until the namespace is gone.</summary>
    WaitForNamespace,

    /// <summary>Remove the finalizer.</summary>
    Done,
}
