using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>What changes in the formation now.</summary>
internal sealed record FormationPlan
{
    public List<Dyno> ToApply { get; } = [];

    public List<ChildReference> ToDelete { get; } = [];

    public List<Problem> Problems { get; } = [];
}
