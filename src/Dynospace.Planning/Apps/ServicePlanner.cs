using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Children;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>The observed state of a Service in an app's namespace.</summary>
/// <param name="Name">The Service's name.</param>
/// <param name="Uid">The Service's UID.</param>
/// <param name="OwnerUid">The UID of its controlling owner; null if it has none.</param>
public sealed record ServiceFacts(string Name, string? Uid, string? OwnerUid)
{
    /// <summary>Whether the operator made it for an App that is gone; the App of its name takes it over.</summary>
    public bool IsOrphaned { get; init; }

    /// <summary>The facts of a Service.</summary>
    public static ServiceFacts FromService(V1Service found) =>
        new(found.Metadata.Name, found.Metadata.Uid, found.Metadata.OwnerReferences?.FirstOrDefault(
            owner => owner.Controller == true)?.Uid);
}

/// <summary>The Services of an app.</summary>
internal sealed record ServicePlan(
    IReadOnlyList<V1Service> ToApply, IReadOnlyList<PlannedDeletion> ToDelete, IReadOnlyList<Problem> Problems)
{
    public bool HasWeb(App app) =>
        ToApply.Any(service => service.Metadata.Name == AppNames.WebService(app.Metadata.Name));
}

/// <summary>
/// Decides about an app's Services: one for its web dynos, and one without an address for each process type.
/// </summary>
internal static class ServicePlanner
{
    private const int HttpPort = 80;

    public static ServicePlan Plan(
        ObservedApp observed, SpaceRuntime runtime, IReadOnlyList<DesiredProcess> formation, PlatformOptions options)
    {
        var app = observed.App;
        var (apply, problems, wanted) = (new List<V1Service>(), new List<Problem>(), new HashSet<string>());
        foreach (var service in Desired(app, runtime, formation, options))
        {
            var name = service.Metadata.Name;
            wanted.Add(name);
            if (observed.Services.Any(found => found.Name == name
                && found.OwnerUid != app.Metadata.Uid
                && !found.IsOrphaned))
            {
                problems.Add(new(
                    Reasons.NameTaken,
                    $"Service {name} exists and was not made by this App: delete it, or give the App another name."));
            }
            else
            {
                apply.Add(service);
            }
        }

        var unwanted =
            observed.Services.Where(found => found.OwnerUid == app.Metadata.Uid && !wanted.Contains(found.Name));
        return new(
            apply, [.. unwanted.Select(found => AppDeletions.For<V1Service>(app, found.Name, found.Uid))], problems);
    }

    private static IEnumerable<V1Service> Desired(
        App app, SpaceRuntime runtime, IReadOnlyList<DesiredProcess> formation, PlatformOptions options)
    {
        foreach (var process in formation)
        {
            var routing = ChildLabels.RoutingOf(process.Type, app.Spec.InternalRouting, runtime);
            if (routing != RoutingValues.None)
            {
                yield return Web(app, routing, options);
            }

            yield return Headless(app, process.Type);
        }
    }

    /// <summary>
    /// The web dynos that answer: the target of routers. A port by number, since its name would depend on the pod.
    /// </summary>
    private static V1Service Web(App app, string routing, PlatformOptions options)
    {
        var service = Build(app, AppNames.WebService(app.Metadata.Name), ProcessTypes.Web);
        service.Metadata.Labels[Labels.Routing] = routing;
        service.Spec.Ports =
        [
            new() { Name = "http", Protocol = "TCP", Port = HttpPort, TargetPort = options.Dynos.Port },
        ];
        return service;
    }

    /// <summary>
    /// The addresses of all dynos of a type, for discovery. It has no ports, since dynos may use any. It includes dynos
    /// that are not ready: a cluster that forms itself must find its members before it can become ready. A dyno that is
    /// being stopped loses the label <see cref="Labels.ComponentName"/>, and so leaves.
    /// </summary>
    private static V1Service Headless(App app, string processType)
    {
        var service = Build(app, AppNames.HeadlessService(app.Metadata.Name, processType), processType);
        service.Spec.ClusterIP = "None";
        service.Spec.PublishNotReadyAddresses = true;
        service.Spec.Selector[Labels.ComponentName] = processType;
        return service;
    }

    private static V1Service Build(App app, string name, string processType) =>
        new()
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = app.Metadata.NamespaceProperty,
                Labels = ChildLabels.OfProcess(app, processType),
                OwnerReferences = [Owners.ReferenceTo(app)],
            },
            Spec = new()
            {
                // Set although it is the default, so that another type or external address is reverted: both would give
                // access from outside.
                Type = "ClusterIP",
                ExternalIPs = [],
                IpFamilyPolicy = "PreferDualStack",
                Selector = new Dictionary<string, string>(3)
                {
                    [Labels.App] = app.Metadata.Name,
                    [Labels.ProcessType] = processType,
                },
            },
        };
}
