using Dynospace.Api;

namespace Dynospace.Planning.Facts;

/// <summary>The problem of an App or a Dyno in a namespace that belongs to no space.</summary>
public static class MissingSpace
{
    /// <summary>
    /// When Spaces and Apps are applied together, a Space briefly exists without its namespace. That is progress, not a
    /// failure.
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
