using Dynospace.Api;

namespace Dynospace.Planning.Facts;

/// <summary>What is said of an App or a Dyno in a namespace that belongs to no space.</summary>
public static class MissingSpace
{
    /// <summary>
    /// Who applies Spaces and Apps at once sees a Space that exists without its namespace: that passes, and nobody
    /// should take it for a failure.
    /// </summary>
    public static Problem Explain(string kind, string ns, bool spaceExists) => spaceExists
        ? new(
            Reasons.SpaceNotReady,
            $"Space {ns} has not taken namespace {ns} yet; see its condition {ConditionTypes.NamespaceReady}.")
        : new(
            Reasons.SpaceNotFound,
            $"Namespace {ns} belongs to no Space: create a Space named {ns}, or the {kind} in the namespace of a "
            + "Space.");
}
