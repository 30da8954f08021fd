using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning;
using Dynospace.Planning.Routers;
using Dynospace.Reachability;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>Pods that stand for those that do not run (yet): what policies admit depends on their labels and namespace only.</summary>
internal static class StandIns
{
    public const string Note = "no such pod runs; it is judged by the labels that it would have";

    /// <summary>A router: of its own for each Private or Shield space, one for all Common ones.</summary>
    public static V1Pod Router(Space? space, string component, string systemNamespace)
    {
        var listener = component == ComponentValues.RouterPublic ? RouterListener.Public : RouterListener.Internal;
        var owner = space is { Spec.Runtime: not SpaceRuntime.Common } ? space.Metadata.Name : null;
        return Pod(systemNamespace, component, new RouterIdentity(listener, owner).ObjectLabels());
    }

    /// <summary>A pod that a data service's selector selects; null where no simple one would be.</summary>
    public static V1Pod? DataService(DataService service, string space)
    {
        var labels = new Dictionary<string, string>(service.PodSelector?.MatchLabels ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var expression in service.PodSelector?.MatchExpressions ?? [])
        {
            if (expression.OperatorProperty is "NotIn" or "DoesNotExist")
            {
                continue;
            }

            labels.TryAdd(expression.Key, expression.Values is [var first, ..] ? first : "");
        }

        return LabelSelectors.Matches(service.PodSelector!, labels) ? Pod(service.Namespace ?? space, service.Name, labels) : null;
    }

    /// <summary>A pod of no app, such as anybody may run.</summary>
    public static V1Pod Stranger(string @namespace, string name) => Pod(@namespace, name, new Dictionary<string, string>());

    public static PodEndpoint EndpointOf(V1Pod pod) => Endpoint.Pod(pod.Metadata.NamespaceProperty, pod.Metadata.Name);

    private static V1Pod Pod(string @namespace, string name, IDictionary<string, string> labels) => new()
    {
        // A dot and a word that no controller uses keep it apart from pods that there are.
        Metadata = new V1ObjectMeta { NamespaceProperty = @namespace, Name = $"{name}.assumed", Labels = labels },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "assumed" }] },
    };
}
