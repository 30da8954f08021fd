// Dynospace.Planning: names, labels, owners and hashes that all kinds of children share.

using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;

namespace Dynospace.Planning;

/// <summary>The labels of objects that the operator makes.</summary>
public static class ChildLabels
{
    /// <summary>The labels of objects of a space that belong to none of its apps.</summary>
    public static IDictionary<string, string> OfSpace(string space) =>
        new Dictionary<string, string>(3)
        {
            [Labels.ManagedBy] = Labels.ManagedByValue,
            [Labels.PartOf] = space,
            [Labels.Space] = space,
        };

    /// <summary>The labels of objects of an app that belong to none of its process types.</summary>
    public static IDictionary<string, string> OfApp(App app)
    {
        var labels = new Dictionary<string, string>(8);
        AddApp(labels, app.Metadata.NamespaceProperty, app.Metadata.Name);
        return labels;
    }

    /// <summary>The labels of objects of a process type.</summary>
    public static IDictionary<string, string> OfProcess(App app, string processType)
    {
        var labels = OfApp(app);
        labels[Labels.ComponentName] = processType;
        labels[Labels.ProcessType] = processType;
        return labels;
    }

    /// <summary>The labels of a dyno's pod, by which policies and Services select it.</summary>
    public static IDictionary<string, string> OfPod(Dyno dyno, long release, string routing)
    {
        var labels = new Dictionary<string, string>(10);
        AddApp(labels, dyno.Metadata.NamespaceProperty, dyno.Spec.App);
        labels[Labels.ComponentName] = dyno.Spec.ProcessType;
        labels[Labels.ProcessType] = dyno.Spec.ProcessType;
        labels[Labels.Dyno] = dyno.Metadata.Name;
        labels[Labels.Release] = release.ToString(CultureInfo.InvariantCulture);
        labels[Labels.Routing] = routing;
        return labels;
    }

    /// <summary>The listener that may reach a dyno; none if the runtime does not support the routing.</summary>
    public static string RoutingOf(string processType, bool internalRouting, SpaceRuntime runtime) =>
        (processType, internalRouting, runtime) switch
        {
            (ProcessTypes.Web, false, _) => RoutingValues.Public,
            (ProcessTypes.Web, true, not SpaceRuntime.Common) => RoutingValues.Internal,
            _ => RoutingValues.None,
        };

    private static void AddApp(Dictionary<string, string> labels, string space, string app)
    {
        labels[Labels.Name] = app;
        labels[Labels.ManagedBy] = Labels.ManagedByValue;
        labels[Labels.PartOf] = space;
        labels[Labels.Space] = space;
        labels[Labels.App] = app;
    }
}
