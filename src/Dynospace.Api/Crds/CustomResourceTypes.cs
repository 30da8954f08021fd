using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;

namespace Dynospace.Api.Crds;

/// <summary>The classes that are custom resources, in the order in which people meet them.</summary>
internal static class CustomResourceTypes
{
    public static IReadOnlyList<Type> All { get; } = [typeof(Space), typeof(App), typeof(Dyno)];
}
