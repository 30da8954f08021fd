using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>What an app's Services shall be.</summary>
internal sealed record ServicePlan(IReadOnlyList<V1Service> ToApply, IReadOnlyList<ChildReference> ToDelete, IReadOnlyList<Problem> Problems);
