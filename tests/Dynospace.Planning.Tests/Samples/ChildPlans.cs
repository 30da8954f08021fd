using Dynospace.Planning.Children;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Tests.Samples;

/// <summary>What tests ask of a plan for children.</summary>
internal static class ChildPlans
{
    /// <summary>The objects of a type that the plan deletes, in its order.</summary>
    public static IReadOnlyList<ChildIdentity> Deleted<T>(this ChildPlan plan)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ChildIdentity.For<T>(null, "", null).Kind;
        return [.. plan.Deletions.Select(deletion => deletion.Child).Where(child => child.Kind == kind)];
    }
}
