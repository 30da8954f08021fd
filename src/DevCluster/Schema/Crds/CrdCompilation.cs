using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;

namespace DevCluster.Schema.Crds;

/// <summary>What a CustomResourceDefinition comes to.</summary>
/// <param name="Definitions">One per served version, the preferred (storage) order being that of the CRD; empty when
/// there are errors.</param>
/// <param name="Errors">Why the CRD is refused, as the real API words it; empty when it is accepted.</param>
/// <param name="StorageVersion">The version that is stored; null when there are errors.</param>
public sealed record CrdCompilation(
    IReadOnlyList<ResourceDefinition> Definitions,
    IReadOnlyList<FieldError> Errors,
    string? StorageVersion);
