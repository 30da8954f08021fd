using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>Makes the dynos of an app.</summary>
internal static class DynoBuilder
{
    public static Dyno Build(App app, string processType, int index, string size, long release)
    {
        var name = AppNames.Dyno(app.Metadata.Name, processType, index);
        var labels = ChildLabels.OfProcess(app, processType);
        labels[Labels.Dyno] = name;
        labels[Labels.Release] = release.ToString(CultureInfo.InvariantCulture);
        return new()
        {
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = app.Metadata.NamespaceProperty,
                Labels = labels,
                OwnerReferences = [Owners.Of(app)],
            },
            Spec = new() { App = app.Metadata.Name, ProcessType = processType, Index = index, Release = release, Size = size },
        };
    }
}
