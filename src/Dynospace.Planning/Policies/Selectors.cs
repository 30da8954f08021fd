using Dynospace.Api;
using Dynospace.Api.Spaces;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>Selectors of pods and namespaces in policies.</summary>
public static class Selectors
{
    private const string Exists = "Exists";
    private const string DoesNotExist = "DoesNotExist";
    private const string NotIn = "NotIn";

    /// <summary>Every pod or namespace.</summary>
    public static V1LabelSelector Everything => new();

    /// <summary>Every dyno, one-offs included.</summary>
    public static V1LabelSelector Dynos => new() { MatchExpressions = [Requirement(Labels.Dyno, Exists)] };

    /// <summary>Dynos of the formation; one-off and release dynos receive nothing.</summary>
    public static V1LabelSelector FormationDynos =>
        new()
        {
            MatchExpressions =
            [
                Requirement(Labels.Dyno, Exists),
                Requirement(Labels.ProcessType, NotIn, ProcessTypes.Release, ProcessTypes.Run),
            ],
        };

    /// <summary>The web dynos with this routing.</summary>
    public static V1LabelSelector WebDynos(string routing) =>
        new() { MatchLabels = Sorted((Labels.ProcessType, ProcessTypes.Web), (Labels.Routing, routing)) };

    /// <summary>
    /// The shared router. Its pods have no label of a space, so the selector excludes routers of Private spaces.
    /// </summary>
    public static V1LabelSelector SharedRouter =>
        new()
        {
            MatchLabels = Sorted((Labels.Component, ComponentValues.RouterPublic)),
            MatchExpressions = [Requirement(Labels.Space, DoesNotExist)],
        };

    /// <summary>The public listeners of all routers that distinguish dynos from other clients.</summary>
    public static V1LabelSelector PublicRouters =>
        new()
        {
            MatchLabels = Sorted(
                (Labels.Callers, Labels.CallersJudged), (Labels.Component, ComponentValues.RouterPublic)),
        };

    /// <summary>One listener of a space's own router.</summary>
    public static V1LabelSelector RouterOf(string space, string component) =>
        new() { MatchLabels = Sorted((Labels.Component, component), (Labels.Space, space)) };

    /// <summary>The pods of trials.</summary>
    public static V1LabelSelector Canaries =>
        new() { MatchLabels = Sorted((Labels.Component, ComponentValues.Canary)) };

    /// <summary>The pod of a trial with this role.</summary>
    public static V1LabelSelector Canary(string role) =>
        new() { MatchLabels = Sorted((Labels.Canary, role), (Labels.Component, ComponentValues.Canary)) };

    /// <summary>Pods with all of these labels.</summary>
    public static V1LabelSelector Pods(IReadOnlyDictionary<string, string> labels) =>
        new() { MatchLabels = Sorted([.. labels.Select(pair => (pair.Key, pair.Value))]) };

    /// <summary>
    /// A data service's pods in the space's own namespace, without dynos and the operator's pods, even if the given
    /// selector matches them.
    /// </summary>
    public static V1LabelSelector ButOwn(V1LabelSelector selector) =>
        new()
        {
            MatchLabels = selector.MatchLabels is { Count: > 0 } labels
                ? Sorted([.. labels.Select(pair => (pair.Key, pair.Value))])
                : null,
            MatchExpressions =
            [
                .. selector.MatchExpressions ?? [],
                Requirement(Labels.Component, DoesNotExist),
                Requirement(Labels.Dyno, DoesNotExist),
            ],
        };

    /// <summary>One namespace by its name, of any owner.</summary>
    public static V1LabelSelector Namespace(string name) =>
        new() { MatchLabels = Sorted((Labels.NamespaceName, name)) };

    /// <summary>A space's namespace, by name and by the label that tenants cannot forge.</summary>
    public static V1LabelSelector NamespaceOfSpace(string space) =>
        new() { MatchLabels = Sorted((Labels.NamespaceName, space), (Labels.Space, space)) };

    /// <summary>The namespaces of all spaces, by the label that tenants cannot forge.</summary>
    public static V1LabelSelector NamespacesOfSpaces =>
        new() { MatchExpressions = [Requirement(Labels.Space, Exists)] };

    /// <summary>The namespaces of all Common spaces.</summary>
    public static V1LabelSelector CommonNamespaces =>
        new() { MatchLabels = Sorted((Labels.Runtime, nameof(SpaceRuntime.Common))) };

    /// <summary>A namespace, unless it belongs to a space. Tenants cannot forge or remove that label.</summary>
    public static V1LabelSelector NamespaceOfNoSpace(string name) =>
        new()
        {
            MatchLabels = Sorted((Labels.NamespaceName, name)),
            MatchExpressions = [Requirement(Labels.Space, DoesNotExist)],
        };

    private static V1LabelSelectorRequirement Requirement(string key, string operation, params string[] values) =>
        new() { Key = key, OperatorProperty = operation, Values = values.Length == 0 ? null : values };

    private static SortedDictionary<string, string> Sorted(params (string Key, string Value)[] labels) =>
        new(labels.ToDictionary(label => label.Key, label => label.Value), StringComparer.Ordinal);
}
