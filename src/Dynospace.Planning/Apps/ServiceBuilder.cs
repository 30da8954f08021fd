using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>Makes the Services of an app.</summary>
internal static class ServiceBuilder
{
    private const int HttpPort = 80;

    /// <summary>What routers send requests to: the web dynos that answer. The target is a number, since a name would depend on the pod.</summary>
    public static V1Service Web(App app, string routing, PlatformOptions options)
    {
        var service = Build(app, AppNames.WebService(app.Metadata.Name), ProcessTypes.Web);
        service.Metadata.Labels[Labels.Routing] = routing;
        service.Spec.Ports = [new() { Name = "http", Protocol = "TCP", Port = HttpPort, TargetPort = options.Dynos.Port }];
        return service;
    }

    /// <summary>
    /// The addresses of all dynos of a type, for discovery. No ports, since dynos exchange any; and dynos that are not ready are in it,
    /// since a cluster that forms itself must find its members before it can become ready.
    /// </summary>
    public static V1Service Headless(App app, string processType)
    {
        var service = Build(app, AppNames.HeadlessService(app.Metadata.Name, processType), processType);
        service.Spec.ClusterIP = "None";
        service.Spec.PublishNotReadyAddresses = true;
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
                OwnerReferences = [Owners.Of(app)],
            },
            Spec = new()
            {
                Selector = new Dictionary<string, string>(2) { [Labels.App] = app.Metadata.Name, [Labels.ProcessType] = processType },
            },
        };
}
