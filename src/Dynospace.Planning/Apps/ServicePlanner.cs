using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>Decides about an app's Services.</summary>
internal static class ServicePlanner
{
    public static ServicePlan Plan(
        ObservedApp observed, SpaceRuntime runtime, IReadOnlyList<WishedProcess> formation, PlatformOptions options)
    {
        var app = observed.App;
        var (apply, problems, wanted) = (new List<V1Service>(), new List<Problem>(), new HashSet<string>());
        foreach (var service in Wished(app, runtime, formation, options))
        {
            var name = service.Metadata.Name;
            wanted.Add(name);
            if (observed.Services.Any(found => found.Name == name && found.OwnerUid != app.Metadata.Uid))
            {
                problems.Add(new(Reasons.NameTaken, $"Service {name} exists and was not made by this App: delete it, or name the App otherwise."));
            }
            else
            {
                apply.Add(service);
            }
        }

        var unwanted = observed.Services.Where(found => found.OwnerUid == app.Metadata.Uid && !wanted.Contains(found.Name));
        return new(apply, [.. unwanted.Select(found => new ChildReference(found.Name, found.Uid))], problems);
    }

    private static IEnumerable<V1Service> Wished(
        App app, SpaceRuntime runtime, IReadOnlyList<WishedProcess> formation, PlatformOptions options)
    {
        foreach (var process in formation)
        {
            var routing = ChildLabels.RoutingOf(process.Type, app.Spec.InternalRouting, runtime);
            if (routing != RoutingValues.None)
            {
                yield return ServiceBuilder.Web(app, routing, options);
            }

            yield return ServiceBuilder.Headless(app, process.Type);
        }
    }
}
